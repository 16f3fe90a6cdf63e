// what: pwritev2(2) with RWF_NOAPPEND on an append-only descriptor
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: noappend

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_WRONLY | O_APPEND);
    struct iovec v = {"XXXXXXXXXX", 10};
    return say("pwritev2", syscall(SYS_pwritev2, fd, &v, 1, 0L, 0L, 0x20)) < 0;
}
