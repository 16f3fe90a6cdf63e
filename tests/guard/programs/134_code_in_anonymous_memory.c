// what: machine code written into memory and run there
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    unsigned char code[] = {0xb8, 87, 0, 0, 0, 0x0f, 0x05, 0xc3};       // mov eax,87; syscall; ret
    void *p = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(p, code, sizeof code);
    ((long (*)(const char *))p)(ALPHA);
}
