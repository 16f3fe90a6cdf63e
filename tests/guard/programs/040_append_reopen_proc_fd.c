// what: an append-only descriptor reopened for writing through /proc/self/fd
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char n[64];
    sprintf(n, "/proc/self/fd/%d", open(ALPHA, O_WRONLY | O_APPEND));
    int fd = open(n, O_RDWR);
    return say("pwrite", pwrite(fd, "XXXXXXXXXX", 10, 0)) < 0;
}
