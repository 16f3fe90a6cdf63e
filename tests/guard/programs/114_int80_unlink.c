// what: int 0x80 from a 64-bit program: unlink (10) with a path below 4 GiB
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: ia32

#include "common.h"

int main(void) {
    start();
    char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(p, ALPHA);
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(10), "b"(p) : "memory", "r8", "r9", "r10", "r11");
    printf("unlink: %ld\n", r);
}
