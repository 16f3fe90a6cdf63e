// what: fallocate(2) that collapses a range
// target: home/tree/data/big.bin
// expect: destroys
// needs: collapse

#include "common.h"

int main(void) { start(); int fd = open("data/big.bin", O_RDWR); return say("collapse", fallocate(fd, 8, 4096, 8192)) < 0; }
