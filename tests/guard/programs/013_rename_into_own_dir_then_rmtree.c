// what: an old directory moved below an own one, then the own one removed with all below it
// target: home/tree/docs
// expect: destroys

#include "common.h"

static int rm(const char *p, const struct stat *s, int t, struct FTW *f) { return remove(p), 0; }
int main(void) {
    start();
    mkdir("mine", 0755);
    say("rename", rename("docs", "mine/docs"));
    return say("nftw", nftw("mine", rm, 20, FTW_DEPTH | FTW_PHYS)) != 0;
}
