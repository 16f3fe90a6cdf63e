// what: IPC_RMID of the shared memory, semaphores and message queue of a process outside
// target: helper
// expect: escapes
// outside: victim.py sysv
// watch: sysvshm sysvsem sysvmsg

#include "common.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/sem.h>
#include <sys/msg.h>
int main(void) {
    start(); int a, b, c; sscanf(getenv("HELPER_IDS"), "%d %d %d", &a, &b, &c);
    say("shmctl", shmctl(a, IPC_RMID, 0)); say("semctl", semctl(b, 0, IPC_RMID)); say("msgctl", msgctl(c, IPC_RMID, 0));
}
