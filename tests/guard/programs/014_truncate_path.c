// what: truncate(2)
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("truncate", truncate(ALPHA, 0)) != 0; }
