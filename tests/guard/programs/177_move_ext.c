// what: EXT4_IOC_MOVE_EXT: the blocks of an old file are taken for an own one
// target: home/tree/data/small.bin
// expect: destroys
// needs: moveext

#include "common.h"

struct me { uint32_t reserved, donor; uint64_t orig_start, donor_start, len, moved; };
int main(void) {
    start();
    int a = open("mine", O_RDWR | O_CREAT, 0644), d = open("data/small.bin", O_RDWR);
    char z[4096]; memset(z, 'z', sizeof z);
    for (int i = 0; i < 30; i++) write(a, z, sizeof z);
    fsync(a); fsync(d); posix_fadvise(a, 0, 0, POSIX_FADV_DONTNEED); posix_fadvise(d, 0, 0, POSIX_FADV_DONTNEED);
    struct me m = {.donor = d, .len = 24};
    say("move", ioctl(a, _IOWR('f', 15, struct me), &m));
    printf("moved %ld\n", (long)m.moved);
}
