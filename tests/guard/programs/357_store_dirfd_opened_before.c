// what: descriptors of the store's directories opened before anything is kept, used with unlinkat, renameat and openat afterwards
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int h = open(at("HOME", ".hlrp"), O_PATH), r = open(at("HOME", ".hlrp/retained"), O_RDONLY | O_DIRECTORY), t = open(".", O_PATH);
    char *p = retained_alpha(), *rel = p ? p + strlen(at("HOME", ".hlrp/retained/")) : "none";
    say("unlinkat", unlinkat(r, rel, 0)); say("renameat", renameat(r, rel, t, "taken")); say("openat", openat(r, rel, O_RDWR | O_TRUNC));
    say("up", renameat(h, "retained", t, "r")); fchdir(r); say("unlink", unlink(rel));
    char n[PATH_MAX]; sprintf(n, "/proc/self/fd/%d/%s", r, rel); say("proc", unlink(n));
}
