// what: unlink(2) of symlinks, a FIFO, a socket and an empty file
// target: home/tree/links/dangling home/tree/fifo home/tree/sock
// expect: destroys

#include "common.h"

int main(void) {
    start();
    say("dangling", unlink("links/dangling"));
    say("symlink", unlink("links/sym_dir"));
    say("fifo", unlink("fifo"));
    say("socket", unlink("sock"));
    say("empty", unlink("data/empty.txt"));
}
