// what: a shared mapping written to
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDWR);
    char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (m == MAP_FAILED) return say("mmap", -1);
    close(fd);
    memset(m, 'Z', 500);
    msync(m, 4096, MS_SYNC);
}
