// what: fsetxattr(2) and fremovexattr(2) on a read-only descriptor
// target: outside/xattr.txt
// expect: writes-outside
// needs: xattr

#include "common.h"

int main(void) {
    start();
    int fd = open(at("OUTSIDE", "xattr.txt"), O_RDONLY);
    say("set", fsetxattr(fd, "user.new", "1", 1, 0));
    return say("remove", fremovexattr(fd, "user.note")) != 0;
}
