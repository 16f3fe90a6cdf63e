// what: a writable descriptor opened before somebody else truncates the file writes into what was kept
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int old = open(ALPHA, O_RDWR);
    int fd = open(ALPHA, O_WRONLY | O_TRUNC); write(fd, "new\n", 4);
    say("pwrite", pwrite(old, "XXXXXXXXXXXXXXXX", 16, 0));
    say("ftruncate", ftruncate(old, 2));
}
