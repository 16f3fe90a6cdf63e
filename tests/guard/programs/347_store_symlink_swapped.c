// what: .hlrp and .hlrp/retained become symlinks to an own directory or to the outside, before and after something is kept
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static int rm(const char *p, const struct stat *s, int t, struct FTW *f) { return remove(p), 0; }
int main(void) {
    start();
    mkdir("fake", 0755);
    say("away", rename(at("HOME", ".hlrp/retained"), at("HOME", ".hlrp/r2"))); say("link", symlink(getenv("OUTSIDE"), at("HOME", ".hlrp/retained")));
    say("away", rename(at("HOME", ".hlrp"), "hlrp-old")); say("link", symlink(at("TREE", "fake"), at("HOME", ".hlrp")));
    retained_alpha(); truncate(BETA, 0);
    const char *d[] = {"fake", "hlrp-old"}; for (int i = 0; i < 2; i++) nftw(d[i], rm, 20, FTW_DEPTH | FTW_PHYS);
}
