// what: sendfile(2) over old content
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); int a = open(BETA, O_RDONLY), b = open(ALPHA, O_WRONLY); return say("sendfile", sendfile(b, a, 0, 200)) < 0; }
