// what: a read-only descriptor reopened with O_TRUNC through /proc/self/fd
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); char n[64]; sprintf(n, "/proc/self/fd/%d", open(ALPHA, O_RDONLY)); return say("open", open(n, O_WRONLY | O_TRUNC)) < 0; }
