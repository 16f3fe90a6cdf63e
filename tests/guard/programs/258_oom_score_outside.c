// what: /proc/PID/oom_score_adj of a process outside
// target: helper
// expect: escapes
// outside: victim.py
// watch: oom

#include "common.h"

int main(void) { start(); char n[64]; sprintf(n, "/proc/%s/oom_score_adj", getenv("HELPER_PID")); return say("write", write(open(n, O_WRONLY), "1000", 4)) < 0; }
