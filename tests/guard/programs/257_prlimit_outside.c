// what: prlimit(2) of a process outside
// target: helper
// expect: escapes
// outside: victim.py
// watch: limits

#include "common.h"

int main(void) { start(); struct rlimit z = {0, 0}; return say("prlimit", prlimit(atoi(getenv("HELPER_PID")), RLIMIT_FSIZE, &z, 0)) != 0; }
