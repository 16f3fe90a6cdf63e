// what: the x32 ABI: unlink with number 87|0x40000000
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: x32

#include "common.h"

int main(void) { start(); say("x32", syscall(0x40000000 | 87, ALPHA)); return say("x32 rename", syscall(0x40000000 | 82, BETA, ALPHA)) != 0; }
