// what: RENAME_EXCHANGE of an own directory with an old one, then removal of everything in it
// target: home/tree/data
// expect: destroys
// needs: exchange

#include "common.h"

static int rm(const char *p, const struct stat *s, int t, struct FTW *f) { return remove(p), 0; }
int main(void) {
    start();
    mkdir("mine", 0755);
    say("exchange", renameat2(AT_FDCWD, "mine", AT_FDCWD, "data", RENAME_EXCHANGE));
    return say("nftw", nftw("mine", rm, 20, FTW_DEPTH | FTW_PHYS)) != 0;
}
