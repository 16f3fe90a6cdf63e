// what: rename(2) of an own new file over one that existed
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); close(own("mine")); return say("rename", rename("mine", ALPHA)) != 0; }
