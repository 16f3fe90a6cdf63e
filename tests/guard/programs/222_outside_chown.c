// what: chown(2) to the same owner, which takes the set-user-id bit away
// target: outside/suid.sh
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    char *p = at("OUTSIDE", "suid.sh");
    say("chown", chown(p, getuid(), getgid()));
    say("lchown", lchown(p, -1, getgid()));
    say("fchown", fchown(open(p, O_RDONLY), getuid(), -1));
    say("fchownat", fchownat(open(p, O_PATH), "", getuid(), getgid(), AT_EMPTY_PATH));
}
