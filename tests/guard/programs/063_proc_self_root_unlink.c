// what: unlink and truncation through /proc/self/root and /proc/PID/cwd
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char n[PATH_MAX]; sprintf(n, "/proc/self/root%s", at("TREE", ALPHA));
    say("unlink", unlink(n));
    sprintf(n, "/proc/%d/cwd/data/../" BETA, getpid());
    say("truncate", truncate(n, 0));
}
