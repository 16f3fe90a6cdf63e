// what: setxattrat (463) and removexattrat (466)
// target: outside/xattr.txt
// expect: writes-outside
// needs: xattr sys:463

#include "common.h"

struct xa { uint64_t value; uint32_t size, flags; };
int main(void) {
    start();
    struct xa a = {(uintptr_t)"1", 1, 0};
    say("set", syscall(463, AT_FDCWD, at("OUTSIDE", "xattr.txt"), 0, "user.new", &a, sizeof a));
    return say("remove", syscall(466, open(at("OUTSIDE", "xattr.txt"), O_RDONLY), "", AT_EMPTY_PATH, "user.note")) != 0;
}
