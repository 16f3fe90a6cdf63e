// what: openat(2) with O_TRUNC relative to nested directory descriptors
// target: home/tree/docs/deep/er/still/leaf.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int a = open("docs", O_PATH), b = openat(a, "deep/er", O_PATH), c = openat(b, "still", O_RDONLY | O_DIRECTORY);
    return say("openat", openat(c, "./leaf.txt", O_WRONLY | O_TRUNC)) < 0;
}
