// what: kill(-1, SIGKILL): everything that the user has running, the helper outside too (runs in a pid namespace of the harness)
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py
// wrap: pidns

#include "common.h"

int main(void) {
    start();
    char b[4000] = {0}; int fd = open("/proc/1/cmdline", O_RDONLY); int n = read(fd, b, sizeof b - 1);
    for (int i = 0; i < n; i++) if (!b[i]) b[i] = ' ';
    if (!getenv("HLRP_PIDNS") || !strstr(b, "harness.py") || atoi(getenv("HARNESS_PID")) != 1) { puts("not in the harness's pid namespace: nothing done"); return 2; }
    return say("kill", kill(-1, SIGKILL)) != 0;
}
