// what: a 32-bit binary without a C library
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: ia32
// nostart: the 32-bit ABI does not exist inside
// cflags: -m32 -nostdlib -static -ffreestanding -fno-pie -no-pie -fno-stack-protector

static long call(long n, long a, long b, long c) {
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c) : "memory");
    return r;
}
void _start(void) {
    call(4, 1, (long)"START\n", 6);
    call(10, (long)"data/alpha.txt", 0, 0);
    call(92, (long)"data/beta.txt", 0, 0);
    call(252, 0, 0, 0);
}
