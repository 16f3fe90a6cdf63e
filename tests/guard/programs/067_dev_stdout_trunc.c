// what: /dev/stdout and /dev/stdin opened with O_TRUNC while they are old files
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    dup2(open(ALPHA, O_RDONLY), 0);
    open("/dev/stdin", O_WRONLY | O_TRUNC);
    dup2(open(BETA, O_RDONLY), 1);
    open("/dev/stdout", O_WRONLY | O_TRUNC);
}
