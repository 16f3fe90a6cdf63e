// what: five hundred generations of one name by replacing and truncating; the first must be the one that is kept
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    for (int i = 0; i < 500; i++) {
        char n[64]; sprintf(n, "generation %d\n", i);
        int fd = open(i & 1 ? "mine" : ALPHA, O_CREAT | O_WRONLY | O_TRUNC, 0644); write(fd, n, strlen(n)); close(fd);
        if (i & 1) rename("mine", ALPHA);
        if (i % 7 == 0) unlink(ALPHA);
    }
}
