// what: a datagram socket by path, connected first
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py dgram

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; strcpy(a.sun_path, getenv("HELPER")); char *o = at("TREE", ALPHA);
    int s = socket(AF_UNIX, SOCK_DGRAM, 0); say("connect", connect(s, (void *)&a, sizeof a));
    return say("send", send(s, o, strlen(o), 0)) < 0;
}
