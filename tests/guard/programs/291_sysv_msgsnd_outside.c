// what: an order sent to the System V message queue of a process outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py sysv
// residual: System V messages are not mediated

#include "common.h"

#include <sys/ipc.h>
#include <sys/msg.h>
int main(void) {
    start(); int a, b, c; sscanf(getenv("HELPER_IDS"), "%d %d %d", &a, &b, &c);
    struct { long t; char b[500]; } m = {1}; strcpy(m.b, at("TREE", ALPHA));
    say("msgsnd", msgsnd(c, &m, strlen(m.b) + 1, IPC_NOWAIT)); usleep(100000);
}
