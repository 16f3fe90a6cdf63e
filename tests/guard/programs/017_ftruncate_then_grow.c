// what: ftruncate(2) to nothing and back to the old length, times put back
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    struct stat s;
    int fd = open(ALPHA, O_WRONLY);
    fstat(fd, &s);
    ftruncate(fd, 0);
    say("ftruncate", ftruncate(fd, s.st_size));
    struct timespec t[2] = {s.st_atim, s.st_mtim};
    return futimens(fd, t);
}
