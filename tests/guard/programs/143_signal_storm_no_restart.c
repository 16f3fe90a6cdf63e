// what: SIGUSR1 from a second thread without SA_RESTART during truncations of old files
// target: home/tree/many home/tree/data/big.bin
// expect: destroys

#include "common.h"

static void h(int s) {}
static volatile int stop; static pthread_t me;
static void *storm(void *x) { while (!stop) { pthread_kill(me, SIGUSR1); usleep(50); } return 0; }
int main(void) {
    start();
    struct sigaction a = {.sa_handler = h}; sigaction(SIGUSR1, &a, 0);
    me = pthread_self();
    pthread_t t; pthread_create(&t, 0, storm, 0);
    for (int i = 0; i < 200; i++) { char m[40]; sprintf(m, "many/f%03d", i); int fd = open(m, O_WRONLY | O_TRUNC); if (fd >= 0) close(fd); }
    int fd = open("data/big.bin", O_RDWR); pwrite(fd, "xxxx", 4, 77); truncate("data/small.bin", 3);
    stop = 1; pthread_join(t, 0);
}
