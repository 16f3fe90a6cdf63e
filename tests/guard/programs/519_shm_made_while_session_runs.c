// what: shared memory of a process outside that is younger than the session is written to, and that process does what it reads there
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: late.py
// residual: in /dev/shm a file counts as the session's own by its birth time; whoever made it is not looked up

#include "common.h"

int main(void) {
    start();
    close(open("go", O_CREAT | O_EXCL | O_WRONLY, 0644));
    char p[200]; snprintf(p, sizeof p, "/dev/shm/late-%s", strrchr(getenv("BASE"), '/') + 1); struct stat s; for (int i = 0; i < 100 && stat(p, &s); i++) usleep(30000);
    int fd = say("open", open(p, O_RDWR)); char *victim = at("HOME", "tree/data/alpha.txt");
    say("write", pwrite(fd, victim, strlen(victim) + 1, 100)); sleep(1);
}
