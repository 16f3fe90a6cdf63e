// what: rename of a file and of a directory from outside into the tree
// target: outside/outside.txt outside/dir
// expect: writes-outside

#include "common.h"

int main(void) { start(); say("file", rename(at("OUTSIDE", "outside.txt"), "in.txt")); return say("dir", rename(at("OUTSIDE", "dir"), "indir")) != 0; }
