// what: open(2) with O_RDONLY|O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("open", open(ALPHA, O_RDONLY | O_TRUNC)) < 0; }
