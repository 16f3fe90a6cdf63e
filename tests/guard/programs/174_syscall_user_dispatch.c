// what: PR_SET_SYSCALL_USER_DISPATCH: the handler of SIGSYS deletes
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static char sel; 
static void h(int s, siginfo_t *i, void *c) { sel = 0; unlink(ALPHA); _exit(0); }
int main(void) {
    start();
    struct sigaction a = {.sa_sigaction = h, .sa_flags = SA_SIGINFO}; sigaction(SIGSYS, &a, 0);
    if (say("dispatch", prctl(59, 1, 0, 0, &sel))) return say("unlink", unlink(ALPHA)) != 0;
    sel = 1;
    syscall(SYS_getppid);
}
