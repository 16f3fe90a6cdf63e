// what: chdir to the outside, then relative creation and removal
// target: outside/new.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    chdir(getenv("OUTSIDE"));
    say("creat", creat("new.txt", 0644));
    say("unlink", unlink("outside.txt"));
    say("cwd", open("/proc/self/cwd/cwd.txt", O_CREAT | O_WRONLY, 0644));
}
