// what: futimens(3) on a read-only descriptor of a file outside
// target: outside/outside.txt
// expect: writes-outside
// residual: futimens stays native

#include "common.h"

int main(void) { start(); struct timespec t[2] = {{5, 0}, {6, 0}}; return say("futimens", futimens(open(at("OUTSIDE", "outside.txt"), O_RDONLY), t)) != 0; }
