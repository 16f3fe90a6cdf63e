// what: prlimit, setpriority, affinity and oom_score_adj of the processes of the guard, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    pid_t p[64]; int n = session_pids(p, 64);
    for (int i = 0; i < n; i++) {
        struct rlimit z = {0, 0}; char f[64];
        say("nofile", prlimit(p[i], RLIMIT_NOFILE, &z, 0)); say("fsize", prlimit(p[i], RLIMIT_FSIZE, &z, 0));
        say("as", prlimit(p[i], RLIMIT_AS, &z, 0)); say("cpu", prlimit(p[i], RLIMIT_CPU, &z, 0));
        sprintf(f, "/proc/%d/oom_score_adj", p[i]); int fd = open(f, O_WRONLY); if (fd >= 0) { say("oom", write(fd, "1000", 4)); close(fd); }
    }
    try_everything();
}
