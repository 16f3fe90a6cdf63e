// what: unlink through the descriptor of a directory in /proc/self/fd
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); char n[64]; sprintf(n, "/proc/self/fd/%d/alpha.txt", open("data", O_PATH)); return say("unlink", unlink(n)) != 0; }
