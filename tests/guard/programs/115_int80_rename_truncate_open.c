// what: int 0x80: rename (38), truncate (92) and open with O_TRUNC (5)
// target: home/tree/data/alpha.txt home/tree/data/beta.txt home/tree/data/gamma.csv
// expect: destroys
// needs: ia32

#include "common.h"

static long c80(long n, const void *a, long b, long c) {
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
    return printf("%ld: %ld\n", n, r), r;
}
int main(void) {
    start();
    char *p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy(p, ALPHA); strcpy(p + 100, BETA); strcpy(p + 200, "data/gamma.csv"); strcpy(p + 300, "mine");
    close(own("mine"));
    c80(38, p + 300, (long)p, 0);
    c80(92, p + 100, 0, 0);
    c80(5, p + 200, O_WRONLY | O_TRUNC, 0);
}
