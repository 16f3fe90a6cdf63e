// what: the last component flips between an own file and a symlink to an old one while open(O_TRUNC) runs
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: exchange

#include "common.h"

static volatile int stop;
static void *flip(void *x) { while (!stop) renameat2(AT_FDCWD, "mine/f", AT_FDCWD, "mine/link", RENAME_EXCHANGE); return 0; }
int main(void) {
    start();
    mkdir("mine", 0755); close(own("mine/f")); symlink("../data/alpha.txt", "mine/link");
    pthread_t t; pthread_create(&t, 0, flip, 0);
    struct stat s; stat(ALPHA, &s);
    off_t was = s.st_size;
    time_t end = time(0) + 4;
    while (!stat(ALPHA, &s) && s.st_size == was && time(0) < end)
        for (int i = 0; i < 50; i++) close(open("mine/f", O_WRONLY | O_TRUNC | O_CREAT, 0644));
    stop = 1; pthread_join(t, 0);
}
