// what: O_RDWR|O_APPEND and a shared mapping, which does not care about O_APPEND
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDWR | O_APPEND);
    char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (m == MAP_FAILED) return say("mmap", -1);
    memset(m, 'Z', 500);
}
