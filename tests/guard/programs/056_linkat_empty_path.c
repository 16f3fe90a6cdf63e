// what: linkat with AT_EMPTY_PATH or through /proc/self/fd, truncation of the alias
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDONLY);
    char n[64]; sprintf(n, "/proc/self/fd/%d", fd);
    if (say("empty", linkat(fd, "", AT_FDCWD, "alias", AT_EMPTY_PATH)) < 0)
        say("follow", linkat(AT_FDCWD, n, AT_FDCWD, "alias", AT_SYMLINK_FOLLOW));
    return say("truncate", truncate("alias", 0)) != 0;
}
