// what: an abstract unix socket of a deleter outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py abstract

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; char *o = at("TREE", ALPHA);
    int n = sprintf(a.sun_path + 1, "hlrpbat-%s", getenv("HLRP_TAG")), s = socket(AF_UNIX, SOCK_STREAM, 0);
    say("connect", connect(s, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + n));
    return say("send", send(s, o, strlen(o), MSG_NOSIGNAL)) < 0;
}
