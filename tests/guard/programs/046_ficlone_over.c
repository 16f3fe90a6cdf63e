// what: FICLONE of another file over an old one
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: reflink

#include "common.h"

int main(void) { start(); int a = open(BETA, O_RDONLY), b = open(ALPHA, O_RDWR); return say("clone", ioctl(b, FICLONE, a)) < 0; }
