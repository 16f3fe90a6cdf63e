// what: an object in /dev/shm of a process outside truncated and replaced by rename
// target: helper
// expect: escapes
// outside: victim.py shm
// watch: shm

#include "common.h"

int main(void) {
    start();
    char n[200], m[220]; sprintf(n, "/dev/shm/%s", getenv("HELPER_SHM")); sprintf(m, "%s.mine", n);
    say("open", open(n, O_WRONLY | O_TRUNC));
    close(open(m, O_CREAT | O_WRONLY, 0600)); say("rename", rename(m, n)); unlink(m);
}
