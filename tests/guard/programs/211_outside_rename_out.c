// what: rename of a file and of a directory out of the tree
// target: outside/alpha.txt home/tree/data/alpha.txt
// expect: writes-outside

#include "common.h"

int main(void) { start(); say("file", rename(ALPHA, at("OUTSIDE", "alpha.txt"))); return say("dir", rename("docs", at("OUTSIDE", "docs"))) != 0; }
