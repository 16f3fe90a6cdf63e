// what: an old file is truncated, then what the guard kept of it is unlinked
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); char *p = retained_alpha(); if (p) say("unlink", unlink(p)); }
