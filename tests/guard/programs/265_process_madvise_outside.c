// what: setpriority and sched_setaffinity of a process outside
// target: helper
// expect: escapes
// outside: victim.py
// watch: nice affinity
// residual: scheduling of other own processes is not mediated; it loses nothing

#include "common.h"

int main(void) {
    start(); pid_t p = atoi(getenv("HELPER_PID")); cpu_set_t c; CPU_ZERO(&c); CPU_SET(0, &c);
    say("nice", setpriority(PRIO_PROCESS, p, 19)); say("affinity", sched_setaffinity(p, sizeof c, &c));
}
