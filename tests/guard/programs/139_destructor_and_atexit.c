// what: deletion from a destructor and from an exit handler
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static void late(void) { unlink(BETA); }
__attribute__((destructor)) static void last(void) { unlink(ALPHA); }
int main(void) { start(); atexit(late); }
