// what: an old file renamed to `core`, then a crash: the kernel truncates it and writes the dump itself
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: core

#include "common.h"

int main(void) {
    start();
    struct rlimit r; getrlimit(RLIMIT_CORE, &r); r.rlim_cur = r.rlim_max; say("limit", setrlimit(RLIMIT_CORE, &r));
    say("rename", rename(ALPHA, "core"));
    if (!fork()) abort();
    wait(0);
}
