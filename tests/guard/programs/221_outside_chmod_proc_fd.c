// what: chmod(2) through /proc/self/fd of a file outside, and through a symlink inside
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    char n[64]; sprintf(n, "/proc/self/fd/%d", open(at("OUTSIDE", "outside.txt"), O_PATH));
    say("proc", chmod(n, 0600));
    return say("symlink", chmod("links/sym_out/exec.sh", 0600)) != 0;
}
