// what: O_TMPFILE, linked to a new name, renamed over an old file
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open("data", O_TMPFILE | O_RDWR, 0644);
    write(fd, "tmp\n", 4);
    char n[64]; sprintf(n, "/proc/self/fd/%d", fd);
    if (say("over", linkat(AT_FDCWD, n, AT_FDCWD, ALPHA, AT_SYMLINK_FOLLOW)) < 0)
        say("new", linkat(AT_FDCWD, n, AT_FDCWD, "data/new", AT_SYMLINK_FOLLOW));
    return say("rename", rename("data/new", ALPHA)) != 0;
}
