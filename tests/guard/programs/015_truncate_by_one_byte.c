// what: truncate(2) that takes one byte off the end
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); struct stat s; stat(ALPHA, &s); return say("truncate", truncate(ALPHA, s.st_size - 1)) != 0; }
