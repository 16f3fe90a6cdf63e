// what: an append-only descriptor and ftruncate
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); int fd = open(ALPHA, O_WRONLY | O_APPEND); return say("ftruncate", ftruncate(fd, 5)) < 0; }
