// what: mq_unlink of a message queue of a process outside
// target: helper
// expect: escapes
// outside: victim.py mq
// watch: mq
// needs: mqueue

#include "common.h"

int main(void) { start(); return say("mq_unlink", mq_unlink(getenv("HELPER_MQ"))) != 0; }
