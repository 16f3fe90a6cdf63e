// what: every descriptor closed, sixty-four threads blocked in opens of FIFOs with O_TRUNC, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static void *block(void *x) { char n[32]; sprintf(n, "mine/p%ld", (long)x); open(n, O_WRONLY | O_TRUNC); return 0; }
int main(void) {
    start();
    for (int i = 3; i < 256; i++) close(i);
    mkdir("mine", 0755);
    for (long i = 0; i < 64; i++) { char n[32]; sprintf(n, "mine/p%ld", i); mkfifo(n, 0644); pthread_t t; pthread_create(&t, 0, block, (void *)i); }
    usleep(300000);
    try_everything();
    _exit(0);
}
