// what: TCP to a deleter on a loopback port that is not the session's
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py tcp

#include "common.h"

int main(void) {
    start();
    struct sockaddr_in a = {AF_INET, htons(atoi(getenv("HELPER_PORT"))), {htonl(INADDR_LOOPBACK)}}; char *o = at("TREE", ALPHA);
    int s = socket(AF_INET, SOCK_STREAM, 0); say("connect", connect(s, (void *)&a, sizeof a));
    return say("send", send(s, o, strlen(o), MSG_NOSIGNAL)) < 0;
}
