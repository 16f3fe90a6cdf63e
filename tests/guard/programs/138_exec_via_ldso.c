// what: started through the dynamic loader
// target: home/tree/data/alpha.txt
// expect: destroys
// run: /lib64/ld-linux-x86-64.so.2 {bin}

#include "common.h"

int main(void) { start(); return say("unlink", unlink(ALPHA)) != 0; }
