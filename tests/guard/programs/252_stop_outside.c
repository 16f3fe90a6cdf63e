// what: SIGSTOP to a process outside, by its process group
// target: helper
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) { start(); pid_t p = atoi(getenv("HELPER_PID")); say("killpg", kill(-p, SIGSTOP)); return say("kill", kill(p, SIGSTOP)) != 0; }
