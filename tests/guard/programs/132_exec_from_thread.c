// what: a thread that is not the leader executes rm
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static void *go(void *x) { execlp("rm", "rm", "-f", ALPHA, NULL); return 0; }
int main(void) { start(); pthread_t t; pthread_create(&t, 0, go, 0); pthread_join(t, 0); }
