// what: ftruncate(2) of the standard input, which was opened read-write before the session
// target: home/tree/data/alpha.txt
// expect: destroys
// fd0: home/tree/data/alpha.txt

#include "common.h"

int main(void) { start(); return say("ftruncate", ftruncate(0, 0)) != 0; }
