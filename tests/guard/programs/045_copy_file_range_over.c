// what: copy_file_range(2) over old content
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); int a = open(BETA, O_RDONLY), b = open(ALPHA, O_RDWR); return say("copy", copy_file_range(a, 0, b, 0, 300, 0)) < 0; }
