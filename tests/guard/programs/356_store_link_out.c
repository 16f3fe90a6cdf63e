// what: a hard link in the tree to what was kept, truncated and written there
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start(); char *p = retained_alpha(), n[64]; if (!p) return 0;
    say("link", link(p, "alias")); sprintf(n, "/proc/self/fd/%d", open(p, O_RDONLY)); say("linkat", linkat(AT_FDCWD, n, AT_FDCWD, "alias2", AT_SYMLINK_FOLLOW));
    say("empty", linkat(open(p, O_RDONLY), "", AT_FDCWD, "alias3", AT_EMPTY_PATH));
    for (int i = 0; i < 3; i++) { char *a[] = {"alias", "alias2", "alias3"}; say("truncate", truncate(a[i], 0)); int fd = open(a[i], O_RDWR); pwrite(fd, "XX", 2, 0); }
}
