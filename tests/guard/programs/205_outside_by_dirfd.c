// what: a directory descriptor (O_PATH) of the outside, then openat, unlinkat, mkdirat
// target: outside/new.txt outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    int d = open(getenv("OUTSIDE"), O_PATH | O_DIRECTORY);
    say("openat", openat(d, "new.txt", O_CREAT | O_WRONLY, 0644));
    say("unlinkat", unlinkat(d, "outside.txt", 0));
    say("mkdirat", mkdirat(d, "newdir", 0755));
    say("symlinkat", symlinkat("x", d, "newlink"));
}
