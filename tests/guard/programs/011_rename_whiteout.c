// what: RENAME_WHITEOUT over a file that existed
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: whiteout

#include "common.h"

int main(void) {
    start();
    close(own("mine"));
    return say("whiteout", renameat2(AT_FDCWD, "mine", AT_FDCWD, ALPHA, RENAME_WHITEOUT)) != 0;
}
