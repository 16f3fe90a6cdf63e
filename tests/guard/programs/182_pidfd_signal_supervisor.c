// what: pidfd_send_signal, tgkill, rt_sigqueueinfo and killpg to the processes of the guard, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    pid_t p[64]; int n = session_pids(p, 64);
    for (int i = 0; i < n; i++) {
        int fd = syscall(SYS_pidfd_open, p[i], 0); siginfo_t s = {.si_signo = SIGTERM, .si_code = SI_QUEUE};
        if (fd >= 0) say("pidfd", syscall(SYS_pidfd_send_signal, fd, SIGKILL, 0, 0));
        say("tgkill", syscall(SYS_tgkill, p[i], p[i], SIGKILL));
        say("tkill", syscall(SYS_tkill, p[i], SIGKILL));
        say("queue", syscall(SYS_rt_sigqueueinfo, p[i], SIGTERM, &s));
    }
    usleep(100000);
    try_everything();
}
