// what: a shared object in /dev/shm of a process outside, written
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py shm
// watch: shm

#include "common.h"

int main(void) {
    start();
    char n[200], *o = at("TREE", ALPHA); sprintf(n, "/%s", getenv("HELPER_SHM"));
    int fd = shm_open(n, O_RDWR, 0); say("shm_open", fd);
    say("pwrite", pwrite(fd, o, strlen(o) + 1, 100)); usleep(100000);
}
