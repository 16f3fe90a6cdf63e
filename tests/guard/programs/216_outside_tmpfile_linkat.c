// what: O_TMPFILE outside and inside, linked outside
// target: outside/tmp
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    char n[64]; int fd = open(getenv("OUTSIDE"), O_TMPFILE | O_RDWR, 0644); say("tmpfile", fd);
    sprintf(n, "/proc/self/fd/%d", fd); say("linkat", linkat(AT_FDCWD, n, AT_FDCWD, at("OUTSIDE", "tmp"), AT_SYMLINK_FOLLOW));
    fd = open(".", O_TMPFILE | O_RDWR, 0644); sprintf(n, "/proc/self/fd/%d", fd);
    say("linkat", linkat(AT_FDCWD, n, AT_FDCWD, at("OUTSIDE", "tmp2"), AT_SYMLINK_FOLLOW));
}
