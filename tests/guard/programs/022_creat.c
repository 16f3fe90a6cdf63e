// what: creat(2)
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("creat", creat(ALPHA, 0644)) < 0; }
