// what: a FIFO of the home directory whose reader outside does what it reads
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: fiforeader.py

#include "common.h"

int main(void) {
    start();
    int fd = say("open", open("fifo", O_WRONLY | O_NONBLOCK)); char *p = at("HOME", "tree/data/alpha.txt");
    write(fd, p, strlen(p) + 1); sleep(1);
}
