// what: a new executable script whose interpreter line is rm itself
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open("data/zz", O_CREAT | O_WRONLY, 0755);
    dprintf(fd, "#!/bin/rm -f\n"); close(fd);
    if (!fork()) execl("data/zz", "data/zz", ALPHA, NULL);
    wait(0);
}
