// what: an own directory is moved outside after it was opened; creation by the old descriptor
// target: outside/d/new.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    mkdir("mine", 0755);
    int d = open("mine", O_PATH);
    say("rename", rename("mine", at("OUTSIDE", "d")));
    return say("openat", openat(d, "new.txt", O_CREAT | O_EXCL | O_WRONLY, 0644)) < 0;
}
