// what: FICLONERANGE over an old file
// target: home/tree/data/small.bin
// expect: destroys
// needs: reflink

#include "common.h"

int main(void) {
    start();
    int a = open("data/big.bin", O_RDONLY), b = open("data/small.bin", O_RDWR);
    struct file_clone_range r = {.src_fd = a, .src_length = 65536};
    return say("clonerange", ioctl(b, FICLONERANGE, &r)) < 0;
}
