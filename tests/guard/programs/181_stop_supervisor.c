// what: SIGSTOP to every process between here and the harness, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    pid_t p[64]; int n = session_pids(p, 64);
    for (int i = 0; i < n; i++) { printf("stop %d of %d: ", i + 1, n); say("", kill(p[i], SIGSTOP)); }
    alarm(4);
    try_everything();
    for (int i = 0; i < n; i++) kill(p[i], SIGCONT);
}
