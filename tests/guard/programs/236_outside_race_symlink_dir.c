// what: a component flips between an own directory and a symlink to the outside while files are created
// target: outside/new.txt
// expect: writes-outside
// needs: exchange

#include "common.h"

static volatile int stop;
static void *flip(void *x) { while (!stop) renameat2(AT_FDCWD, "mine/d", AT_FDCWD, "mine/l", RENAME_EXCHANGE); return 0; }
int main(void) {
    start();
    mkdir("mine", 0755); mkdir("mine/d", 0755); symlink(getenv("OUTSIDE"), "mine/l");
    pthread_t t; pthread_create(&t, 0, flip, 0);
    char *hit = at("OUTSIDE", "new.txt"), *old = at("OUTSIDE", "outside.txt");
    time_t end = time(0) + 4;
    while ((access(hit, F_OK) || !access(old, F_OK)) && time(0) < end)
        for (int i = 0; i < 50; i++) {
            close(open("mine/d/new.txt", O_CREAT | O_WRONLY | (i & 1 ? O_TRUNC : O_EXCL), 0644)); mkdir("mine/d/nd", 0755);
            unlink("mine/d/outside.txt"); chmod("mine/d/exec.sh", 0600);
        }
    stop = 1; pthread_join(t, 0);
}
