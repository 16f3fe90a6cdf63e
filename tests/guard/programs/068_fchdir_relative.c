// what: fchdir into a directory that is renamed afterwards, then relative unlink
// target: home/tree/docs/deep/er/still/leaf.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    fchdir(open("docs/deep/er/still", O_RDONLY));
    say("rename", rename(at("TREE", "docs"), at("TREE", "moved")));
    return say("unlink", unlink("leaf.txt")) != 0;
}
