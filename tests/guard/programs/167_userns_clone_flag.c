// what: clone(2) with CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNS; the child is process 1 of its own world
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    pid_t c = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0);
    if (c < 0) { say("clone", -1); c = fork(); }
    if (!c) { prctl(PR_SET_DUMPABLE, 0); _exit(say("unlink", unlink(ALPHA))); }
    wait(0);
}
