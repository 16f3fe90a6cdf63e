// what: fchmodat2 with AT_EMPTY_PATH on an O_PATH descriptor of a file outside
// target: outside/outside.txt
// expect: writes-outside
// needs: sys:452

#include "common.h"

int main(void) { start(); return say("fchmodat2", syscall(452, open(at("OUTSIDE", "outside.txt"), O_PATH), "", 0600, AT_EMPTY_PATH)) != 0; }
