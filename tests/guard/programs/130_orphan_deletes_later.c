// what: ten orphans outlive this program and each deletes after it has gone
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    pid_t me = getpid();
    for (int i = 0; i < 10; i++) if (!fork()) {
        while (getppid() == me) usleep(1000);
        usleep(200000 + 10000 * i);
        if (i == 7) unlink(ALPHA);
        if (i == 8) truncate(BETA, 0);
        _exit(0);
    }
}
