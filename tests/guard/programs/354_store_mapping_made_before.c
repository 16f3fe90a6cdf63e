// what: a shared writable mapping made before the file is replaced, written afterwards
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int a = open(ALPHA, O_RDWR); char *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, a, 0); close(a);
    close(own("mine")); say("rename", rename("mine", ALPHA));
    if (m != MAP_FAILED) memset(m, 'X', 200);
}
