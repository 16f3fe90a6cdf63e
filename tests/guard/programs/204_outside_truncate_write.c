// what: open with O_TRUNC, truncate(2), O_APPEND and pwrite on files outside
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("trunc", open(at("OUTSIDE", "outside.txt"), O_WRONLY | O_TRUNC));
    say("truncate", truncate(at("OUTSIDE", "second.txt"), 1));
    int fd = open(at("OUTSIDE", "held.txt"), O_WRONLY | O_APPEND); say("append", write(fd, "x", 1));
    fd = open(at("OUTSIDE", "dir/inner.txt"), O_RDWR); say("pwrite", pwrite(fd, "x", 1, 0));
}
