// what: children are killed at random moments while they truncate, replace and remove old files
// target: home/tree/many home/tree/data/big.bin
// expect: destroys

#include "common.h"

int main(void) {
    start();
    srand(5);
    for (int i = 0; i < 200; i++) {
        char m[40], o[40]; sprintf(m, "many/f%03d", i); sprintf(o, "own%d", i);
        pid_t c = fork();
        if (!c) {
            int fd = open(o, O_CREAT | O_WRONLY, 0644); write(fd, "x", 1);
            if (i % 3 == 0) open(m, O_WRONLY | O_TRUNC); else if (i % 3 == 1) rename(o, m); else unlink(m);
            fd = open("data/big.bin", O_RDWR); pwrite(fd, "x", 1, i); _exit(0);
        }
        usleep(rand() % 400); kill(c, SIGKILL); waitpid(c, 0, 0);
    }
    truncate("data/small.bin", 0);
}
