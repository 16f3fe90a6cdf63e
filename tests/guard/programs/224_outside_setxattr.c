// what: setxattr(2), lsetxattr(2) outside, and through /proc/self/fd
// target: outside/outside.txt
// expect: writes-outside
// needs: xattr

#include "common.h"

int main(void) {
    start();
    say("set", setxattr(at("OUTSIDE", "outside.txt"), "user.new", "1", 1, 0));
    say("lset", lsetxattr(at("OUTSIDE", "second.txt"), "user.new", "1", 1, 0));
    char n[64]; sprintf(n, "/proc/self/fd/%d", open(at("OUTSIDE", "held.txt"), O_PATH));
    say("proc", setxattr(n, "user.new", "1", 1, 0));
}
