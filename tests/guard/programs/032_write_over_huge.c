// what: write(2) into a file of 80 MiB, above the copy limit
// target: home/tree/data/huge.bin
// expect: destroys
// tree: big

#include "common.h"

int main(void) { start(); int fd = open("data/huge.bin", O_WRONLY); char b[4096] = {0}; return say("pwrite", pwrite(fd, b, sizeof b, 50 << 20)) < 0; }
