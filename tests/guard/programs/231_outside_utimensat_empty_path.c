// what: utimensat(2) with AT_EMPTY_PATH on an O_PATH descriptor, and through /proc/self/fd
// target: outside/outside.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    struct timespec t[2] = {{5, 0}, {6, 0}};
    int fd = open(at("OUTSIDE", "outside.txt"), O_PATH); char n[64]; sprintf(n, "/proc/self/fd/%d", fd);
    say("empty", utimensat(fd, "", t, AT_EMPTY_PATH));
    say("proc", utimensat(AT_FDCWD, n, t, 0));
}
