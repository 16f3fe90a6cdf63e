// what: sendto to an abstract datagram socket outside
// target: home/tree/data/alpha.txt
// expect: escapes
// residual: datagrams to abstract sockets are kept inside by Landlock's scopes alone (Linux 6.12)
// outside: deleter.py absdgram

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; char *o = at("TREE", ALPHA);
    int n = sprintf(a.sun_path + 1, "hlrpbat-%s", getenv("HLRP_TAG")), s = socket(AF_UNIX, SOCK_DGRAM, 0);
    return say("sendto", sendto(s, o, strlen(o), 0, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + n)) < 0;
}
