// what: fchown(2) on a read-only descriptor
// target: outside/suid.sh
// expect: writes-outside

#include "common.h"

int main(void) { start(); return say("fchown", fchown(open(at("OUTSIDE", "suid.sh"), O_RDONLY), getuid(), getgid())) != 0; }
