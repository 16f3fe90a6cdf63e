// what: two hundred threads unlink two hundred old files at the same time
// target: home/tree/many
// expect: destroys

#include "common.h"

static pthread_barrier_t b;
static void *go(void *x) { char n[32]; sprintf(n, "many/f%03ld", (long)x); pthread_barrier_wait(&b); unlink(n); return 0; }
int main(void) {
    start();
    pthread_t t[200]; pthread_barrier_init(&b, 0, 200);
    for (long i = 0; i < 200; i++) pthread_create(t + i, 0, go, (void *)i);
    for (int i = 0; i < 200; i++) pthread_join(t[i], 0);
}
