// what: unlinkat(2) relative to a directory descriptor
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int d = open("data", O_PATH | O_DIRECTORY);
    return say("unlinkat", unlinkat(d, "alpha.txt", 0)) != 0;
}
