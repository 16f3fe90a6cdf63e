// what: unlinkat on a descriptor of a directory after its ancestors moved
// target: home/tree/docs/deep/er/still/leaf.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int d = open("docs/deep/er", O_PATH);
    mkdir("mine", 0755);
    say("rename", rename("docs/deep", "mine/deep"));
    return say("unlinkat", unlinkat(d, "still/leaf.txt", 0)) != 0;
}
