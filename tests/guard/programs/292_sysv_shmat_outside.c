// what: the System V shared memory of a process outside, written
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py sysv
// residual: System V memory is not mediated

#include "common.h"

#include <sys/ipc.h>
#include <sys/shm.h>
int main(void) {
    start(); int a; sscanf(getenv("HELPER_IDS"), "%d", &a);
    char *m = shmat(a, 0, 0); if (m == (void *)-1) return say("shmat", -1);
    char *o = at("TREE", ALPHA); strcpy(m + 1, o + 1); m[0] = o[0]; usleep(100000);
}
