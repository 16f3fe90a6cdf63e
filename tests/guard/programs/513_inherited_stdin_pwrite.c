// what: a file opened read-write as standard input before the session is written over
// target: home/tree/data/alpha.txt
// expect: destroys
// fd0: home/tree/data/alpha.txt

#include "common.h"

int main(void) { start(); char z[4096] = {0}; return say("pwrite", pwrite(0, z, 2000, 0)) < 0; }
