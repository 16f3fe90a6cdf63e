// what: IORING_OP_RENAMEAT over an old file
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: io_uring

#include "common.h"

int main(void) {
    start(); close(own("mine"));
    return ring_do((struct io_uring_sqe){.opcode = IORING_OP_RENAMEAT, .fd = AT_FDCWD, .addr = (uintptr_t)"mine", .len = AT_FDCWD, .addr2 = (uintptr_t)ALPHA}) != 0;
}
