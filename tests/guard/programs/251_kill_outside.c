// what: kill(2) with SIGKILL of a process outside
// target: helper
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) { start(); return say("kill", kill(atoi(getenv("HELPER_PID")), SIGKILL)) != 0; }
