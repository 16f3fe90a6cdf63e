// what: an O_PATH descriptor reopened with O_TRUNC through /proc/PID/task/TID/fd
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char n[99]; sprintf(n, "/proc/%d/task/%d/fd/%d", getpid(), getpid(), open(ALPHA, O_PATH));
    return say("open", open(n, O_RDWR | O_TRUNC)) < 0;
}
