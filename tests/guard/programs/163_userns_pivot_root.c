// what: a user namespace, a tmpfs as new root, pivot_root, deletion below the old root
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    char *p = at("TREE", "data/alpha.txt"), old[PATH_MAX];
    become_ns_root();
    mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
    mkdir("mine", 0755);
    say("tmpfs", mount("none", "mine", "tmpfs", 0, 0));
    mkdir("mine/old", 0755); 
    say("pivot", syscall(SYS_pivot_root, "mine", "mine/old"));
    chdir("/");
    snprintf(old, sizeof old, "/old%s", p);
    return say("unlink", unlink(old)) != 0;
}
