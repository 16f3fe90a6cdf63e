// what: a user namespace and chroot into the tree, deletion as root there
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    become_ns_root();
    say("chroot", chroot(getenv("TREE")));
    return say("unlink", unlink("/data/alpha.txt")) != 0;
}
