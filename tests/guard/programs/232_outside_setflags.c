// what: FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR (no-dump) through a read-only descriptor
// target: outside/outside.txt
// expect: writes-outside
// needs: verflags

#include "common.h"

int main(void) {
    start();
    int fd = open(at("OUTSIDE", "outside.txt"), O_RDONLY); long f = 0;
    say("get", ioctl(fd, FS_IOC_GETFLAGS, &f)); f |= FS_NODUMP_FL | FS_NOATIME_FL;
    say("set", ioctl(fd, FS_IOC_SETFLAGS, &f));
    struct fsxattr x; fd = open(at("OUTSIDE", "second.txt"), O_RDONLY);
    say("fsget", ioctl(fd, FS_IOC_FSGETXATTR, &x)); x.fsx_xflags |= 0x80;
    say("fsset", ioctl(fd, FS_IOC_FSSETXATTR, &x));
}
