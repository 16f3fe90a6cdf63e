// what: RENAME_EXCHANGE with an own file, then unlink of the name that was the program's own
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: exchange

#include "common.h"

int main(void) {
    start();
    close(own("mine"));
    say("exchange", renameat2(AT_FDCWD, "mine", AT_FDCWD, ALPHA, RENAME_EXCHANGE));
    return say("unlink", unlink("mine")) != 0;
}
