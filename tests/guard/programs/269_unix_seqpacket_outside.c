// what: a seqpacket socket by path
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py seqpacket

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; strcpy(a.sun_path, getenv("HELPER")); char *o = at("TREE", ALPHA);
    int s = socket(AF_UNIX, SOCK_SEQPACKET, 0); say("connect", connect(s, (void *)&a, sizeof a));
    return say("send", send(s, o, strlen(o), MSG_NOSIGNAL)) < 0;
}
