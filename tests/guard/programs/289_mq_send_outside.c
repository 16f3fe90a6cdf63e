// what: an order sent to the message queue of a process outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py mq
// needs: mqueue

#include "common.h"

int main(void) {
    start(); char *o = at("TREE", ALPHA); mqd_t q = mq_open(getenv("HELPER_MQ"), O_WRONLY); say("open", q);
    say("send", mq_send(q, o, strlen(o) + 1, 1)); usleep(100000);
}
