// what: RLIMIT_FSIZE, RLIMIT_AS, RLIMIT_NPROC and RLIMIT_CORE at their smallest, then deletion
// target: home/tree/data/alpha.txt home/tree/data/big.bin
// expect: destroys

#include "common.h"

int main(void) {
    start();
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit z = {0, 0}; setrlimit(RLIMIT_FSIZE, &z); setrlimit(RLIMIT_NPROC, &z); setrlimit(RLIMIT_CORE, &z); setrlimit(RLIMIT_MEMLOCK, &z);
    say("truncate", truncate("data/big.bin", 0));
    say("open", open(BETA, O_RDWR | O_TRUNC));
    say("unlink", unlink(ALPHA));
}
