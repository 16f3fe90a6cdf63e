// what: a static binary without a C library, whose only code is write, unlink and exit
// target: home/tree/data/alpha.txt
// expect: destroys
// cflags: -nostdlib -static -ffreestanding -fno-pie -no-pie -fno-stack-protector

static long call(long n, long a, long b, long c) {
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}
void _start(void) {
    call(1, 1, (long)"START\n", 6);
    call(87, (long)"data/alpha.txt", 0, 0);
    call(231, 0, 0, 0);
}
