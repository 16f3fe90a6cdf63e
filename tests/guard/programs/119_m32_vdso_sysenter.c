// what: a 32-bit binary that calls through the kernel's vdso entry (sysenter or syscall)
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: ia32
// nostart: the 32-bit ABI does not exist inside
// cflags: -m32 -nostdlib -static -ffreestanding -fno-pie -no-pie -fno-stack-protector -fomit-frame-pointer

__asm__(".globl _start\n_start:\n mov %esp, %eax\n push %eax\n call go\n");
static void *entry;
static long call(long n, long a, long b, long c) {
    long r;
    __asm__ volatile("call *%5" : "=a"(r) : "a"(n), "b"(a), "c"(b), "d"(c), "S"(entry) : "memory");
    return r;
}
void go(long *sp) {
    long *p = sp + 1 + *sp + 1;
    while (*p) p++;
    for (p++; *p; p += 2) if (*p == 32) entry = (void *)p[1];      // AT_SYSINFO
    call(4, 1, (long)"START\n", 6);
    call(10, (long)"data/alpha.txt", 0, 0);
    call(38, (long)"data/beta.txt", (long)"data/gamma.csv", 0);
    call(252, 0, 0, 0);
}
