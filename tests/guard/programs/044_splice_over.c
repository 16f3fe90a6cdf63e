// what: splice(2) and vmsplice from a pipe over old content
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int p[2], fd = open(ALPHA, O_WRONLY); pipe(p);
    struct iovec v = {"PPPPPPPPPPPP", 12};
    vmsplice(p[1], &v, 1, 0);
    loff_t off = 50;
    return say("splice", splice(p[0], 0, fd, &off, 12, 0)) < 0;
}
