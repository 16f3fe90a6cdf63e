// what: ftruncate(2) of a file of 80 MiB
// target: home/tree/data/huge.bin
// expect: destroys
// tree: big

#include "common.h"

int main(void) { start(); int fd = open("data/huge.bin", O_RDWR); return say("ftruncate", ftruncate(fd, 1 << 20)) < 0; }
