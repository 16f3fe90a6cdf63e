// what: unlink(2) of a file that existed
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("unlink", unlink(ALPHA)) != 0; }
