// what: fallocate(2) that punches a hole
// target: home/tree/data/big.bin
// expect: destroys
// needs: punch

#include "common.h"

int main(void) { start(); int fd = open("data/big.bin", O_RDWR); return say("punch", fallocate(fd, 3, 1 << 20, 1 << 20)) < 0; }
