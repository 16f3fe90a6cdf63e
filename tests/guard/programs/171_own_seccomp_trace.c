// what: an own RET_TRACE filter: the tracer turns getppid into unlink
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
int main(void) {
    start();
    pid_t c = fork();
    if (!c) {
        struct sock_filter f[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
        struct sock_fprog p = {4, f};
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); if (ptrace(PTRACE_TRACEME)) _exit(1); raise(SIGSTOP);
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p);
        _exit(syscall(SYS_getppid) != 0);
    }
    int s; waitpid(c, &s, 0);
    say("options", ptrace(PTRACE_SETOPTIONS, c, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL));
    ptrace(PTRACE_CONT, c, 0, 0);
    while (waitpid(c, &s, 0) == c && WIFSTOPPED(s)) {
        struct user_regs_struct r;
        if (s >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
            ptrace(PTRACE_GETREGS, c, 0, &r);
            r.orig_rax = SYS_unlink; r.rdi = (uintptr_t)ALPHA;
            say("setregs", ptrace(PTRACE_SETREGS, c, 0, &r));
        }
        ptrace(PTRACE_CONT, c, 0, 0);
    }
}
