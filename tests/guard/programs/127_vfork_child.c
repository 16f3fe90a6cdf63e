// what: vfork(2): the child deletes, then executes rm on another
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    if (!vfork()) { unlink(ALPHA); execlp("rm", "rm", "-f", BETA, NULL); _exit(1); }
    wait(0);
}
