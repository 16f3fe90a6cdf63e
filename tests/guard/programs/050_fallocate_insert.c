// what: fallocate(2) that inserts a range into the middle
// target: home/tree/data/big.bin
// expect: destroys
// needs: insert

#include "common.h"

int main(void) { start(); int fd = open("data/big.bin", O_RDWR); return say("insert", fallocate(fd, 0x20, 4096, 8192)) < 0; }
