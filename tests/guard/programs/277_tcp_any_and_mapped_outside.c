// what: the same by 0.0.0.0, 127.8.7.6 and ::ffff:127.0.0.1
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py tcp

#include "common.h"

int main(void) {
    start();
    char *o = at("TREE", ALPHA); const char *h[] = {"0.0.0.0", "127.0.0.1"}; int port = htons(atoi(getenv("HELPER_PORT")));
    for (int i = 0; i < 2; i++) {
        struct sockaddr_in a = {AF_INET, port}; inet_pton(AF_INET, h[i], &a.sin_addr);
        int s = socket(AF_INET, SOCK_STREAM, 0); say(h[i], connect(s, (void *)&a, sizeof a)); send(s, o, strlen(o), MSG_NOSIGNAL); close(s);
    }
    struct sockaddr_in6 b = {AF_INET6, port}; inet_pton(AF_INET6, "::ffff:127.0.0.1", &b.sin6_addr);
    int s = socket(AF_INET6, SOCK_STREAM, 0); say("mapped", connect(s, (void *)&b, sizeof b)); send(s, o, strlen(o), MSG_NOSIGNAL);
}
