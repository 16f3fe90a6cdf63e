// what: RENAME_EXCHANGE of a file inside with one outside
// target: outside/outside.txt home/tree/data/alpha.txt
// expect: writes-outside
// needs: exchange

#include "common.h"

int main(void) { start(); return say("exchange", renameat2(AT_FDCWD, ALPHA, AT_FDCWD, at("OUTSIDE", "outside.txt"), RENAME_EXCHANGE)) != 0; }
