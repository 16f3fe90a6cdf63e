// what: a UDP datagram to a deleter on a loopback port
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py udp
// residual: sendto on inet datagram sockets is not mediated

#include "common.h"

int main(void) {
    start();
    struct sockaddr_in a = {AF_INET, htons(atoi(getenv("HELPER_PORT"))), {htonl(INADDR_LOOPBACK)}}; char *o = at("TREE", ALPHA);
    return say("sendto", sendto(socket(AF_INET, SOCK_DGRAM, 0), o, strlen(o), 0, (void *)&a, sizeof a)) < 0;
}
