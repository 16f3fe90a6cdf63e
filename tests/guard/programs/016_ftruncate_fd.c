// what: ftruncate(2) on a descriptor opened for writing without O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); int fd = open(ALPHA, O_RDWR); return say("ftruncate", ftruncate(fd, 10)) != 0; }
