// what: what was kept is renamed into the tree, replaced, and its directory moved, then removed
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static int rm(const char *p, const struct stat *s, int t, struct FTW *f) { return remove(p), 0; }
int main(void) {
    start(); char *p = retained_alpha(); if (!p) return 0;
    say("out", rename(p, "taken")); say("unlink", unlink("taken"));
    close(own("mine")); say("over", rename("mine", p));
    say("dir", rename(at("HOME", ".hlrp/retained"), "r")); nftw("r", rm, 20, FTW_DEPTH | FTW_PHYS);
}
