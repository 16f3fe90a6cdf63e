// what: a file moved to a path far longer than PATH_MAX, reached by chdir, then unlinked there
// target: home/tree/docs/guide.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char n[201]; memset(n, 'd', 200); n[200] = 0;
    for (int i = 0; i < 30; i++) { mkdir(n, 0755); if (chdir(n)) return say("chdir", -1); }
    int d = open(".", O_PATH), t = open(at("TREE", "docs"), O_PATH);
    say("renameat", renameat(t, "guide.txt", d, "victim"));
    return say("unlink", unlink("victim")) != 0;
}
