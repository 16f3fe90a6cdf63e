// what: a hundred threads, each with another verb: unlink, truncate, rename over, open O_TRUNC, pwrite
// target: home/tree/many
// expect: destroys

#include "common.h"

static void *go(void *x) {
    long k = (long)x; char n[32], m[32]; sprintf(n, "many/f%03ld", k); sprintf(m, "own%ld", k);
    int fd;
    switch (k % 5) {
        case 0: unlink(n); break;
        case 1: truncate(n, 0); break;
        case 2: close(open(m, O_CREAT | O_WRONLY, 0644)); rename(m, n); break;
        case 3: close(open(n, O_WRONLY | O_TRUNC)); break;
        case 4: fd = open(n, O_RDWR); pwrite(fd, "#####", 5, 0); close(fd);
    }
    return 0;
}
int main(void) {
    start();
    pthread_t t[100];
    for (long i = 0; i < 100; i++) pthread_create(t + i, 0, go, (void *)i);
    for (int i = 0; i < 100; i++) pthread_join(t[i], 0);
}
