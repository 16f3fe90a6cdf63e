// what: an own and an old directory are exchanged while unlink goes through the own name
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: exchange

#include "common.h"

static volatile int stop;
static void *flip(void *x) { while (!stop) renameat2(AT_FDCWD, "mine", AT_FDCWD, "data", RENAME_EXCHANGE); return 0; }
int main(void) {
    start();
    mkdir("mine", 0755);
    struct stat s; stat(ALPHA, &s);
    ino_t was = s.st_ino;
    pthread_t t; pthread_create(&t, 0, flip, 0);
    time_t end = time(0) + 4;
    for (;;) {
        for (int i = 0; i < 50; i++) { close(open("mine/alpha.txt", O_CREAT | O_WRONLY, 0644)); unlink("mine/alpha.txt"); }
        if (time(0) >= end) break;
    }
    stop = 1; pthread_join(t, 0);
}
