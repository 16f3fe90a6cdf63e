// what: chmod(2), fchmodat(2) and fchmodat2 on files outside, to ordinary modes and to none
// target: outside/outside.txt outside/exec.sh
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("000", chmod(at("OUTSIDE", "outside.txt"), 0));
    say("755", chmod(at("OUTSIDE", "exec.sh"), 0644));
    say("fchmodat", fchmodat(AT_FDCWD, "../../outside/second.txt", 0600, 0));
    say("fchmodat2", syscall(452, AT_FDCWD, "../../outside/held.txt", 0640, AT_SYMLINK_NOFOLLOW));
    say("dir", chmod(getenv("OUTSIDE"), 0700));
}
