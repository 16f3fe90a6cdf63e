// what: open(2) with access mode 3 (ioctl only) and O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("open", open(ALPHA, 3 | O_TRUNC)) < 0; }
