// what: a user namespace: the outside bind mounted into the tree and emptied there
// target: outside/outside.txt
// expect: writes-outside
// needs: userns

#include "common.h"

int main(void) {
    start();
    become_ns_root();
    mkdir("mine", 0755);
    say("bind", mount(getenv("OUTSIDE"), "mine", 0, MS_BIND | MS_REC, 0));
    say("unlink", unlink("mine/outside.txt"));
    return say("creat", creat("mine/new.txt", 0644)) < 0;
}
