// what: what was kept is truncated by path, by O_TRUNC and by creat
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); char *p = retained_alpha(); if (!p) return 0; say("truncate", truncate(p, 0)); say("open", open(p, O_RDONLY | O_TRUNC)); say("creat", creat(p, 0600)); }
