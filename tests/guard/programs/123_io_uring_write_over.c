// what: IORING_OP_WRITE over old content
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDWR);
    return ring_do((struct io_uring_sqe){.opcode = IORING_OP_WRITE, .fd = fd, .addr = (uintptr_t)"WWWWWWWWWW", .len = 10, .off = 20}) < 0;
}
