// what: IORING_OP_OPENAT with O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: io_uring

#include "common.h"

int main(void) { start(); return ring_do((struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)ALPHA, .open_flags = O_WRONLY | O_TRUNC}) < 0; }
