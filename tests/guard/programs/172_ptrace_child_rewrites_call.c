// what: an own child is traced; at the entry of getppid its call becomes unlink, or open with O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    for (int round = 0; round < 2; round++) {
        pid_t c = fork();
        if (!c) { if (ptrace(PTRACE_TRACEME)) _exit(1); raise(SIGSTOP); syscall(SYS_getppid); _exit(0); }
        int s; waitpid(c, &s, 0);
        ptrace(PTRACE_SETOPTIONS, c, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
        for (;;) {
            if (ptrace(PTRACE_SYSCALL, c, 0, 0) || waitpid(c, &s, 0) != c || !WIFSTOPPED(s)) break;
            struct user_regs_struct r; ptrace(PTRACE_GETREGS, c, 0, &r);
            if (r.orig_rax == SYS_getppid) {
                r.orig_rax = round ? SYS_unlink : SYS_open; r.rdi = (uintptr_t)(round ? ALPHA : BETA); r.rsi = O_WRONLY | O_TRUNC;
                say("setregs", ptrace(PTRACE_SETREGS, c, 0, &r));
            }
        }
    }
}
