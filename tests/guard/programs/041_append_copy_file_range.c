// what: an O_RDWR descriptor, appended to first and then written over at offset 0 by writev
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int fd = open(ALPHA, O_RDWR | O_APPEND);
    write(fd, "more\n", 5);
    int nf = fcntl(fd, F_DUPFD, 10);
    ioctl(nf, FIONBIO, &(int){1});
    fcntl(nf, F_SETFL, O_NONBLOCK);
    lseek(nf, 0, SEEK_SET);
    struct iovec v[2] = {{"AAAA", 4}, {"BBBB", 4}};
    return say("writev", writev(nf, v, 2)) < 0;
}
