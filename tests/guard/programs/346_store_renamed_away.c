// what: .hlrp itself is renamed, exchanged with an own directory, and its parts removed under the new name
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

static int rm(const char *p, const struct stat *s, int t, struct FTW *f) { return remove(p), 0; }
int main(void) {
    start(); char *p = retained_alpha();
    mkdir("own", 0755);
    say("exchange", renameat2(AT_FDCWD, "own", AT_FDCWD, at("HOME", ".hlrp"), RENAME_EXCHANGE));
    say("rename", rename(at("HOME", ".hlrp"), at("HOME", "x"))); say("rename", rename(at("HOME", "x"), "y"));
    const char *d[] = {"own", "y"}; for (int i = 0; i < 2; i++) nftw(d[i], rm, 20, FTW_DEPTH | FTW_PHYS);
}
