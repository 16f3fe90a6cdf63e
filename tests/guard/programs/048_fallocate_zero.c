// what: fallocate(2) that zeroes a range
// target: home/tree/data/big.bin
// expect: destroys
// needs: zero

#include "common.h"

int main(void) { start(); int fd = open("data/big.bin", O_RDWR); return say("zero", fallocate(fd, 0x10, 0, 8192)) < 0; }
