// what: the main thread ends; another thread deletes while the leader is a zombie
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static void *go(void *x) { usleep(200000); unlink(ALPHA); int fd = open(BETA, O_WRONLY | O_TRUNC); exit(0); }
int main(void) { start(); pthread_t t; pthread_create(&t, 0, go, 0); syscall(SYS_exit, 0); }
