// what: O_APPEND cleared with fcntl(F_SETFL), then pwrite at the start
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_WRONLY | O_APPEND);
    say("setfl", fcntl(fd, F_SETFL, 0));
    return say("pwrite", pwrite(fd, "XXXXXXXXXX", 10, 0)) < 0;
}
