// what: what was kept and its directories are made writable by chmod, fchmod, fchmodat2 and an ACL, then written and unlinked
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start(); char *p = retained_alpha(), d[PATH_MAX]; if (!p) return 0;
    say("chmod", chmod(p, 0666)); say("fchmod", fchmod(open(p, O_RDONLY), 0666)); say("fchmodat2", syscall(452, AT_FDCWD, p, 0666, 0));
    strcpy(d, p); *strrchr(d, '/') = 0; say("dir", chmod(d, 0777)); say("store", chmod(at("HOME", ".hlrp"), 0777));
    unsigned char a[] = {2,0,0,0, 1,0,6,0,255,255,255,255, 4,0,6,0,255,255,255,255, 32,0,6,0,255,255,255,255};
    say("acl", setxattr(p, "system.posix_acl_access", a, sizeof a, 0));
    int fd = open(p, O_WRONLY); say("open", fd); say("write", write(fd, "XXXX", 4)); say("unlink", unlink(p));
}
