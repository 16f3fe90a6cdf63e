// what: writev(2) and pwritev(2) over old content
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDWR);
    struct iovec v[2] = {{"AAAAAA", 6}, {"BBBBBB", 6}};
    say("writev", writev(fd, v, 2));
    say("pwritev", pwritev(fd, v, 2, 300));
}
