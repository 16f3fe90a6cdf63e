// what: pidfd_send_signal to a process outside, also by a descriptor of /proc/PID
// target: helper
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    int f = syscall(SYS_pidfd_open, atoi(getenv("HELPER_PID")), 0); char n[64]; sprintf(n, "/proc/%s", getenv("HELPER_PID"));
    say("pidfd", syscall(SYS_pidfd_send_signal, f, SIGKILL, 0, 0));
    return say("procfd", syscall(SYS_pidfd_send_signal, open(n, O_RDONLY | O_DIRECTORY), SIGKILL, 0, 0)) != 0;
}
