// what: a read-only descriptor reopened read-write through /proc/thread-self/fd and written
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); char n[64]; sprintf(n, "/proc/thread-self/fd/%d", open(ALPHA, O_RDONLY)); int fd = open(n, O_RDWR); return say("pwrite", pwrite(fd, "XXXXXXXX", 8, 9)) < 0; }
