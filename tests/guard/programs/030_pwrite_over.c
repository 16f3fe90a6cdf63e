// what: pwrite(2) over old content
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); int fd = open(ALPHA, O_RDWR); return say("pwrite", pwrite(fd, "XXXXXXXXXX", 10, 100)) < 0; }
