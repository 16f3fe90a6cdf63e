// what: unlink through /proc/self/cwd
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); return say("unlink", unlink("/proc/self/cwd/" ALPHA)) != 0; }
