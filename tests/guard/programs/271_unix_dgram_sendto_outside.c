// what: sendto, sendmsg and sendmmsg with the address of a datagram socket
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py dgram
// residual: unix datagrams by path are not mediated one by one

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; strcpy(a.sun_path, getenv("HELPER"));
    char *o[3] = {at("TREE", ALPHA), at("TREE", BETA), at("TREE", "data/gamma.csv")};
    int s = socket(AF_UNIX, SOCK_DGRAM, 0); struct iovec v = {o[1], strlen(o[1])}, w = {o[2], strlen(o[2])};
    struct msghdr m = {&a, sizeof a, &v, 1}; struct mmsghdr mm = {{&a, sizeof a, &w, 1}};
    say("sendto", sendto(s, o[0], strlen(o[0]), 0, (void *)&a, sizeof a));
    say("sendmsg", sendmsg(s, &m, 0));
    say("sendmmsg", sendmmsg(s, &mm, 1, 0));
}
