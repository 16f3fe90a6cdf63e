// what: unlink by absolute path, by .. and by /proc/self/root
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("abs", unlink(at("OUTSIDE", "outside.txt")));
    say("rel", unlink("../../outside/second.txt"));
    char n[PATH_MAX]; sprintf(n, "/proc/self/root%s", at("OUTSIDE", "dir/inner.txt"));
    say("root", unlink(n));
    return say("rmdir", rmdir(at("OUTSIDE", "empty_dir"))) != 0;
}
