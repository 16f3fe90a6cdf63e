// what: a descriptor duplicated, inherited through fork and exec of this program, truncated by the child
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(int n, char **v) {
    if (n > 1) return say("ftruncate", ftruncate(77, 0)) != 0;
    start();
    int fd = open(ALPHA, O_RDWR);
    dup2(fd, 77);
    if (!fork()) execl("/proc/self/exe", "child", "x", NULL);
    wait(0);
}
