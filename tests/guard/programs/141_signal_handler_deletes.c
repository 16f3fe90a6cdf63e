// what: deletion in the handler of a segmentation fault, on an alternate stack
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static void h(int s) { unlink(ALPHA); _exit(0); }
int main(void) {
    start();
    stack_t st = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16}; sigaltstack(&st, 0);
    struct sigaction a = {.sa_handler = h, .sa_flags = SA_ONSTACK}; sigaction(SIGSEGV, &a, 0);
    *(volatile int *)8 = 1;
}
