// what: sendto with MSG_FASTOPEN, which connects by itself
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py tcp

#include "common.h"

int main(void) {
    start();
    struct sockaddr_in a = {AF_INET, htons(atoi(getenv("HELPER_PORT"))), {htonl(INADDR_LOOPBACK)}}; char *o = at("TREE", ALPHA);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return say("sendto", sendto(s, o, strlen(o), MSG_FASTOPEN | MSG_NOSIGNAL, (void *)&a, sizeof a)) < 0;
}
