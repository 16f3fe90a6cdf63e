// what: open(2) with O_TRUNC, with and without O_CREAT
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    say("trunc", open(ALPHA, O_WRONLY | O_TRUNC));
    say("create", open(BETA, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
}
