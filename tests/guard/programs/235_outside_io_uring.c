// what: io_uring: mkdirat, openat and unlinkat outside
// target: outside/new.txt outside/outside.txt
// expect: writes-outside
// needs: io_uring

#include "common.h"

int main(void) {
    start();
    ring_do((struct io_uring_sqe){.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = (uintptr_t)at("OUTSIDE", "d"), .len = 0755});
    ring_do((struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)at("OUTSIDE", "new.txt"), .open_flags = O_WRONLY | O_CREAT, .len = 0644});
    ring_do((struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t)at("OUTSIDE", "outside.txt")});
}
