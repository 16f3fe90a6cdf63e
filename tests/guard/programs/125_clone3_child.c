// what: clone3(2) makes the child that deletes
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

#include <linux/sched.h>
int main(void) {
    start();
    struct clone_args a = {.exit_signal = SIGCHLD};
    long p = syscall(SYS_clone3, &a, sizeof a);
    if (p < 0) { say("clone3", -1); p = fork(); }
    if (!p) _exit(say("unlink", unlink(ALPHA)));
    wait(0);
}
