// what: RENAME_NOREPLACE to a new name inside an own directory, renamed again, then unlink there
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    mkdir("mine", 0755);
    say("noreplace", renameat2(AT_FDCWD, ALPHA, AT_FDCWD, "mine/a", RENAME_NOREPLACE));
    say("dir", rename("mine", "mine2"));
    say("again", renameat2(AT_FDCWD, "mine2/a", AT_FDCWD, "b", RENAME_NOREPLACE));
    say("unlink", unlink("b"));
    if (!access("mine2/a", F_OK)) say("unlink", unlink("mine2/a"));
}
