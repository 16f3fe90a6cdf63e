// what: openat2(2) with O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

#include <linux/openat2.h>
int main(void) {
    start();
    struct open_how h = {.flags = O_WRONLY | O_TRUNC, .resolve = RESOLVE_BENEATH};
    if (say("openat2", syscall(SYS_openat2, AT_FDCWD, ALPHA, &h, sizeof h)) < 0) return say("open", open(ALPHA, O_WRONLY | O_TRUNC)) < 0;
}
