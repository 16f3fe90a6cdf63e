// what: a thread flips the path between an own file and an old one while unlink runs
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static volatile char path[64] = "mine/aaaa.txt";
static volatile int stop;
static void *flip(void *x) {
    while (!stop) { memcpy((char *)path, "data/alpha.txt", 15); SEEN; memcpy((char *)path, "mine/aaaa.txt\0", 15); SEEN; }
    return 0;
}
int main(void) {
    start();
    mkdir("mine", 0755);
    pthread_t t; pthread_create(&t, 0, flip, 0);
    time_t end = time(0) + 4;
    while (!access(ALPHA, F_OK) && time(0) < end)
        for (int i = 0; i < 200; i++) { close(open("mine/aaaa.txt", O_CREAT | O_WRONLY, 0644)); unlink((char *)path); }
    stop = 1; pthread_join(t, 0);
}
