// what: the path lies in a shared file mapping, in memory without read permission for others, and on the stack of a thread
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static void *go(void *x) { char p[] = "data/gamma.csv"; say("thread stack", unlink(p)); return 0; }
int main(void) {
    start();
    int fd = memfd_create("p", 0);
    write(fd, "data/alpha.txt\0", 15); ftruncate(fd, 4096);
    char *m = mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0);
    say("memfd", unlink(m));
    pthread_t t; pthread_create(&t, 0, go, 0); pthread_join(t, 0);
    prctl(PR_SET_DUMPABLE, 0);
    say("rodata", unlink("data/beta.txt"));
}
