// what: file_setattr (469), which sets flags by path
// target: outside/outside.txt
// expect: writes-outside
// needs: sys:469 verflags

#include "common.h"

struct fa { uint64_t xflags; uint32_t extsize, nextents, projid, cowextsize; };
int main(void) {
    start();
    struct fa a = {0};
    say("get", syscall(468, AT_FDCWD, at("OUTSIDE", "outside.txt"), &a, sizeof a, 0)); a.xflags |= 0x80; a.nextents = 0;
    return say("set", syscall(469, AT_FDCWD, at("OUTSIDE", "outside.txt"), &a, sizeof a, 0)) != 0;
}
