// what: IORING_OP_FALLOCATE that punches a hole, then IORING_OP_FTRUNCATE
// target: home/tree/data/big.bin
// expect: destroys
// needs: io_uring

#include "common.h"

int main(void) {
    start();
    int fd = open("data/big.bin", O_RDWR);
    ring_do((struct io_uring_sqe){.opcode = IORING_OP_FALLOCATE, .fd = fd, .off = 4096, .addr = 8192, .len = 3});
    return ring_do((struct io_uring_sqe){.opcode = 55, .fd = fd, .off = 100}) < 0;
}
