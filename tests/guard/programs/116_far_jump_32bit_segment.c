// what: a 64-bit program that jumps into the 32-bit code segment and makes its call there
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: ia32

#include "common.h"

int main(void) {
    start();
    unsigned char *p = mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    strcpy((char *)p + 4096, ALPHA);
    unsigned path = (unsigned)(uintptr_t)p + 4096;
    // mov eax,10; mov ebx,path; int 0x80; mov eax,252; xor ebx,ebx; int 0x80
    unsigned char code[] = {0xb8, 10, 0, 0, 0, 0xbb, path, path >> 8, path >> 16, path >> 24, 0xcd, 0x80,
                            0xb8, 252, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80};
    memcpy(p, code, sizeof code);
    struct { uint32_t off; uint16_t seg; } __attribute__((packed)) far = {(uint32_t)(uintptr_t)p, 0x23};
    __asm__ volatile("ljmpl *%0" : : "m"(far));
}
