// what: F_SETOWN and F_SETSIG make the kernel send SIGKILL to a process outside when a pipe is written
// target: helper
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p);
    say("owner", fcntl(p[0], F_SETOWN, atoi(getenv("HELPER_PID"))));
    say("signal", fcntl(p[0], F_SETSIG, SIGUSR1));
    say("async", fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    write(p[1], "x", 1); usleep(100000);
}
