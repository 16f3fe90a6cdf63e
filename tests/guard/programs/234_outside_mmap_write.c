// what: a shared mapping of a file outside
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    int fd = open(at("OUTSIDE", "outside.txt"), O_RDWR);
    char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (m == MAP_FAILED) return say("mmap", -1);
    memset(m, 'X', 100);
}
