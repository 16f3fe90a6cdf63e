// what: a descriptor passed over a socket pair to a child, which truncates it
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int s[2], fd = open(ALPHA, O_RDWR);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    char c[CMSG_SPACE(sizeof(int))], b = 0;
    struct iovec v = {&b, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c};
    if (!fork()) {
        recvmsg(s[1], &m, 0);
        int got = *(int *)CMSG_DATA(CMSG_FIRSTHDR(&m));
        _exit(say("ftruncate", ftruncate(got, 3)));
    }
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET, h->cmsg_type = SCM_RIGHTS, h->cmsg_len = CMSG_LEN(sizeof(int));
    *(int *)CMSG_DATA(h) = fd;
    sendmsg(s[0], &m, 0);
    close(fd);
    wait(0);
}
