// what: SIGKILL to every process between here and the harness, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    pid_t p[64]; int n = session_pids(p, 64);
    for (int i = 0; i < n; i++) { printf("kill %d of %d: ", i + 1, n); say("", kill(p[i], SIGKILL)); }
    usleep(200000);
    try_everything();
}
