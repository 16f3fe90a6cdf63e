// what: /proc/PID/fd/N, /proc/PID/cwd and /proc/PID/root of a process outside
// target: outside/held.txt home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    char n[PATH_MAX]; const char *p = getenv("HELPER_PID");
    sprintf(n, "/proc/%s/fd/%s", p, getenv("HELPER_FD")); say("fd", open(n, O_WRONLY | O_TRUNC));
    sprintf(n, "/proc/%s/cwd/outside.txt", p); say("cwd", unlink(n));
    sprintf(n, "/proc/%s/root%s", p, at("TREE", ALPHA)); say("root", unlink(n));
}
