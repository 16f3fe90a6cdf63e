// what: rename(2) of one old file over another old file, by renameat with two descriptors
// target: home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int d = open("data", O_RDONLY | O_DIRECTORY), e = open("docs", O_RDONLY | O_DIRECTORY);
    return say("renameat", renameat(e, "guide.txt", d, "beta.txt")) != 0;
}
