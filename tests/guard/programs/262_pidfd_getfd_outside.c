// what: pidfd_getfd from a process outside, then ftruncate of what it holds
// target: outside/held.txt
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    int q = syscall(SYS_pidfd_open, atoi(getenv("HELPER_PID")), 0), fd = syscall(SYS_pidfd_getfd, q, atoi(getenv("HELPER_FD")), 0);
    say("getfd", fd);
    return say("ftruncate", ftruncate(fd, 3)) != 0;
}
