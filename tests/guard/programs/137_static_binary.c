// what: a statically linked binary
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: static
// cflags: -static

#include "common.h"

int main(void) { start(); return say("unlink", unlink(ALPHA)) != 0; }
