// what: system call numbers and arguments with rubbish in their upper 32 bits
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(0xdead000000000057ul), "D"("data/alpha.txt") : "rcx", "r11", "memory");
    printf("unlink %ld\n", r);
    __asm__ volatile("syscall" : "=a"(r) : "a"(263ul), "D"(0xffffffffffffff9cul & 0xffffffff), "S"("data/alpha.txt"), "d"(0xabcd00000000ul) : "rcx", "r11", "memory");
    printf("unlinkat %ld\n", r);
    __asm__ volatile("syscall" : "=a"(r) : "a"(257ul), "D"(0x12345678ffffff9cul), "S"("data/beta.txt"), "d"(0x7700000000000201ul) : "rcx", "r11", "memory");
    printf("openat %ld\n", r);
}
