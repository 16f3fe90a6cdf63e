// what: a new hard link, then both names unlinked
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    say("link", link(ALPHA, "alias"));
    say("unlink", unlink(ALPHA));
    say("unlink", unlink("alias"));
}
