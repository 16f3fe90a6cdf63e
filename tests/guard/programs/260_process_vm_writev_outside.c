// what: process_vm_writev into a process outside
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: victim.py

#include "common.h"

int main(void) {
    start();
    char *o = at("TREE", ALPHA); struct iovec l = {o, strlen(o) + 1}, r = {(void *)strtoul(getenv("HELPER_ADDR"), 0, 16), strlen(o) + 1};
    say("writev", process_vm_writev(atoi(getenv("HELPER_PID")), &l, 1, &r, 1, 0)); usleep(100000);
}
