// what: what was kept is opened for writing and written over, also through a mapping and /proc/self/fd
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start(); char *p = retained_alpha(); if (!p) return 0;
    int fd = open(p, O_RDWR); say("open", fd); say("pwrite", pwrite(fd, "XXXX", 4, 0));
    char n[64]; sprintf(n, "/proc/self/fd/%d", open(p, O_RDONLY)); fd = open(n, O_WRONLY); say("proc", fd); say("pwrite", pwrite(fd, "XXXX", 4, 8));
}
