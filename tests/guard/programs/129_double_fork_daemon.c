// what: a daemon, forked twice in a session of its own with all descriptors closed, that deletes half a second later
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    if (fork()) return 0;
    setsid();
    if (fork()) _exit(0);
    for (int i = 0; i < 64; i++) close(i);
    usleep(500000);
    unlink(ALPHA);
    _exit(0);
}
