// what: a hard link inside to a file outside, then written, truncated, chmod
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("link", link(at("OUTSIDE", "outside.txt"), "mine"));
    int fd = open("mine", O_RDWR); say("pwrite", pwrite(fd, "XXXX", 4, 0));
    say("truncate", truncate("mine", 3));
    say("chmod", chmod("mine", 0600));
}
