// what: an old file is moved to and fro under an own name that another thread creates, renames over and unlinks
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static volatile int stop;
static void *mover(void *x) { while (!stop) { renameat2(AT_FDCWD, ALPHA, AT_FDCWD, "mine/f", RENAME_NOREPLACE); renameat2(AT_FDCWD, "mine/f", AT_FDCWD, ALPHA, RENAME_NOREPLACE); } return 0; }
int main(void) {
    start();
    mkdir("mine", 0755);
    pthread_t t; pthread_create(&t, 0, mover, 0);
    time_t end = time(0) + 3;
    while (time(0) < end) { close(open("mine/g", O_CREAT | O_WRONLY, 0644)); rename("mine/g", "mine/f"); unlink("mine/f"); }
    stop = 1; pthread_join(t, 0);
}
