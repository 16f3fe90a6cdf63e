// what: tgkill, tkill and rt_tgsigqueueinfo to a process outside
// target: helper
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start(); pid_t p = atoi(getenv("HELPER_PID")); siginfo_t s = {.si_signo = SIGTERM, .si_code = SI_QUEUE};
    say("queue", syscall(SYS_rt_tgsigqueueinfo, p, p, SIGUSR1, &s));
    say("tkill", syscall(SYS_tkill, p, SIGUSR1));
    return say("tgkill", syscall(SYS_tgkill, p, p, SIGKILL)) != 0;
}
