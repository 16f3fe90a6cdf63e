// what: utimensat, utime, utimes and futimesat by path outside
// target: outside/outside.txt outside/second.txt outside/held.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    struct timespec t[2] = {{5, 0}, {6, 0}}; struct timeval v[2] = {{7, 0}, {8, 0}}; struct utimbuf u = {9, 10};
    say("utimensat", utimensat(AT_FDCWD, at("OUTSIDE", "outside.txt"), t, 0));
    say("utimes", utimes(at("OUTSIDE", "second.txt"), v));
    say("utime", utime(at("OUTSIDE", "held.txt"), &u));
    say("futimesat", futimesat(AT_FDCWD, "../../outside/exec.sh", v));
    say("nofollow", utimensat(AT_FDCWD, at("OUTSIDE", "ro.txt"), t, AT_SYMLINK_NOFOLLOW));
}
