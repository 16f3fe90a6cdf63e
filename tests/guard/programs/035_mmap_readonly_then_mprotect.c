// what: a read-only shared mapping of a read-write descriptor, made writable by mprotect, after fork
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDWR);
    char *m = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (!fork()) { say("mprotect", mprotect(m, 4096, PROT_READ | PROT_WRITE)); m[7] = '!'; memset(m + 10, 0, 90); _exit(0); }
    wait(0);
}
