// what: /proc/PID/mem of a process outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    char n[64], *o = at("TREE", ALPHA); sprintf(n, "/proc/%s/mem", getenv("HELPER_PID"));
    int fd = open(n, O_RDWR); say("open", fd);
    say("pwrite", pwrite(fd, o, strlen(o) + 1, strtoul(getenv("HELPER_ADDR"), 0, 16))); usleep(100000);
}
