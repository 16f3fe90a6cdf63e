// what: unshare into a user and mount namespace, bind mount of the tree elsewhere, deletion through it
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    become_ns_root();
    mkdir("mine", 0755);
    say("mount", mount(at("TREE", "data"), "mine", 0, MS_BIND, 0));
    return say("unlink", unlink("mine/alpha.txt")) != 0;
}
