// what: a user namespace and an overlay whose upper directory is the old one; removals in the overlay are real there
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    become_ns_root();
    mkdir("low", 0755); mkdir("work", 0755); mkdir("mnt", 0755);
    close(own("low/alpha.txt"));
    char o[3 * PATH_MAX]; snprintf(o, sizeof o, "lowerdir=%s,upperdir=%s,workdir=%s,userxattr", at("TREE", "low"), at("TREE", "data"), at("TREE", "work"));
    say("overlay", mount("overlay", "mnt", "overlay", 0, o));
    if (say("unlink", unlink("mnt/alpha.txt"))) say("unlink", unlink(ALPHA));
}
