// what: truncation of one of two names of an old file
// target: home/tree/links/hard_a.txt home/tree/links/hard_b.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("truncate", truncate("links/hard_a.txt", 7)) != 0; }
