// what: xattrs, utimes, owner and flags of what was kept are changed, and then it is written
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start(); char *p = retained_alpha(); if (!p) return 0;
    say("xattr", setxattr(p, "user.x", "1", 1, 0)); struct utimbuf u = {1, 1}; say("utime", utime(p, &u)); say("chown", chown(p, getuid(), getgid()));
    int fd = open(p, O_RDONLY); long f = 0; ioctl(fd, FS_IOC_GETFLAGS, &f); f |= FS_NODUMP_FL; say("flags", ioctl(fd, FS_IOC_SETFLAGS, &f));
    say("write", open(p, O_WRONLY));
}
