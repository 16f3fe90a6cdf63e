// what: an own symlink flips between an own directory and an old one while unlink goes through it
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static volatile int stop;
static void *flip(void *x) {
    symlink("data", "mine/to_old"); symlink("own", "mine/to_own");
    for (int i = 0; !stop; i++) {
        char n[32]; sprintf(n, "mine/l%d", i & 1);
        symlink(i & 1 ? "../data" : "own", n);
        rename(n, "mine/link");
    }
    return 0;
}
int main(void) {
    start();
    mkdir("mine", 0755); mkdir("mine/own", 0755);
    pthread_t t; pthread_create(&t, 0, flip, 0);
    time_t end = time(0) + 4;
    while (!access(ALPHA, F_OK) && time(0) < end)
        for (int i = 0; i < 50; i++) { close(open("mine/own/alpha.txt", O_CREAT | O_WRONLY, 0644)); unlink("mine/link/alpha.txt"); }
    stop = 1; pthread_join(t, 0);
}
