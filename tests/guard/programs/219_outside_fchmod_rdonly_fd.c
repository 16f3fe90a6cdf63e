// what: fchmod(2) on a read-only descriptor of a file outside
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) { start(); return say("fchmod", fchmod(open(at("OUTSIDE", "outside.txt"), O_RDONLY), 0)) != 0; }
