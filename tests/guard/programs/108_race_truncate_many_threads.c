// what: sixteen threads truncate, rename over and write the same two old files at once
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static void *go(void *x) {
    long k = (long)x; char n[32]; sprintf(n, "own%ld", k);
    for (int i = 0; i < 40; i++) {
        if (k & 1) { int fd = open(ALPHA, O_WRONLY | O_TRUNC | O_CREAT, 0644); dprintf(fd, "thread %ld round %d\n", k, i); close(fd); }
        else { int fd = open(n, O_WRONLY | O_CREAT, 0644); dprintf(fd, "thread %ld round %d\n", k, i); close(fd); rename(n, k & 2 ? ALPHA : BETA); }
    }
    return 0;
}
int main(void) {
    start();
    pthread_t t[16];
    for (long i = 0; i < 16; i++) pthread_create(t + i, 0, go, (void *)i);
    for (int i = 0; i < 16; i++) pthread_join(t[i], 0);
}
