// what: write(2) of 100 bytes into the middle of a file of 5 MiB
// target: home/tree/data/big.bin
// expect: destroys

#include "common.h"

int main(void) { start(); int fd = open("data/big.bin", O_WRONLY); lseek(fd, 3 << 20, SEEK_SET); char b[100] = {0}; return say("write", write(fd, b, 100)) < 0; }
