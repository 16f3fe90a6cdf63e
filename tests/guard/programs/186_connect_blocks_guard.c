// what: thirty-two threads in connects that never finish (own listener, full backlog), then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static struct sockaddr_un a = {AF_UNIX, "mine.sock"};
static void *block(void *x) { connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof a); return 0; }
int main(void) {
    start();
    int l = socket(AF_UNIX, SOCK_STREAM, 0); bind(l, (void *)&a, sizeof a); listen(l, 0);
    for (int i = 0; i < 32; i++) { pthread_t t; pthread_create(&t, 0, block, 0); }
    usleep(300000);
    try_everything();
    _exit(0);
}
