// what: pidfd_getfd(2) of an own child's descriptor, then ftruncate
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int p[2]; pipe(p);
    pid_t c = fork();
    if (!c) { dup2(open(ALPHA, O_RDWR), 50); write(p[1], "x", 1); pause(); }
    char b; read(p[0], &b, 1);
    int pf = syscall(SYS_pidfd_open, c, 0), fd = syscall(SYS_pidfd_getfd, pf, 50, 0);
    say("pidfd_getfd", fd);
    if (fd < 0) {
        char n[64]; sprintf(n, "/proc/%d/fd/50", c);
        fd = say("reopen", open(n, O_RDWR));
    }
    say("ftruncate", ftruncate(fd, 0));
    kill(c, SIGKILL);
}
