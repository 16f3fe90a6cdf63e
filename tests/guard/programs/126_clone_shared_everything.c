// what: clone(2) with shared memory, files and filesystem information but another thread group
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static int go(void *x) { return say("unlink", unlink("alpha.txt")); }
int main(void) {
    start();
    chdir("docs");
    char *s = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pid_t p = clone(go, s + (1 << 16), CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, 0);
    chdir("../data");
    usleep(20000);
    waitpid(p, 0, 0);
    unlink("alpha.txt");
}
