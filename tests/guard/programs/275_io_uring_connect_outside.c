// what: IORING_OP_CONNECT to a unix socket outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py stream
// needs: io_uring

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; strcpy(a.sun_path, getenv("HELPER")); char *o = at("TREE", ALPHA);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    ring_do((struct io_uring_sqe){.opcode = IORING_OP_CONNECT, .fd = s, .addr = (uintptr_t)&a, .off = sizeof a});
    return say("send", send(s, o, strlen(o), MSG_NOSIGNAL)) < 0;
}
