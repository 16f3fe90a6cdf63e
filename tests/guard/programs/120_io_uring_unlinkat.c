// what: IORING_OP_UNLINKAT
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: io_uring

#include "common.h"

int main(void) { start(); return ring_do((struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)ALPHA}) != 0; }
