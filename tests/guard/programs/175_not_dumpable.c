// what: PR_SET_DUMPABLE 0, so that nobody may read this process, then deletion
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    say("dumpable", prctl(PR_SET_DUMPABLE, 0));
    printf("now %d\n", prctl(PR_GET_DUMPABLE));
    say("unlink", unlink(ALPHA));
    return say("open", open(BETA, O_WRONLY | O_TRUNC)) < 0;
}
