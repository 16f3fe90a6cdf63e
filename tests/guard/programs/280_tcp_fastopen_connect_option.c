// what: TCP_FASTOPEN_CONNECT, sendmsg with MSG_FASTOPEN, and sendmmsg
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py tcp

#include "common.h"

int main(void) {
    start();
    struct sockaddr_in a = {AF_INET, htons(atoi(getenv("HELPER_PORT"))), {htonl(INADDR_LOOPBACK)}}; char *o = at("TREE", ALPHA);
    int s = socket(AF_INET, SOCK_STREAM, 0); setsockopt(s, IPPROTO_TCP, 30, &(int){1}, 4);
    say("connect", connect(s, (void *)&a, sizeof a)); say("send", send(s, o, strlen(o), MSG_NOSIGNAL));
    struct iovec v = {o, strlen(o)}; struct msghdr m = {&a, sizeof a, &v, 1}; struct mmsghdr mm = {m};
    say("sendmsg", sendmsg(socket(AF_INET, SOCK_STREAM, 0), &m, MSG_FASTOPEN | MSG_NOSIGNAL));
    say("sendmmsg", sendmmsg(socket(AF_INET, SOCK_STREAM, 0), &mm, 1, MSG_FASTOPEN | MSG_NOSIGNAL));
}
