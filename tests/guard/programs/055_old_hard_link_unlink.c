// what: unlink of one of two names of an old file
// target: home/tree/links/hard_b.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("unlink", unlink("links/hard_b.txt")) != 0; }
