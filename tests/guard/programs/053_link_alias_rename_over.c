// what: a new hard link replaced by rename, then the old name too
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    link(ALPHA, "alias");
    close(own("m1")); close(own("m2"));
    say("rename", rename("m1", "alias"));
    say("rename", rename("m2", ALPHA));
}
