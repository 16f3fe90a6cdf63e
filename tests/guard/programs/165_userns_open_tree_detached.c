// what: a detached copy of the mount made by open_tree, deletion through its descriptor
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    become_ns_root();
    int fd = syscall(428, AT_FDCWD, getenv("TREE"), 1 | O_CLOEXEC);
    say("open_tree", fd);
    return say("unlinkat", unlinkat(fd, ALPHA, 0)) != 0;
}
