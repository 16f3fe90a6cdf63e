// what: rename(2) over a symlink, a FIFO and a socket that existed
// target: home/tree/links/sym_file home/tree/fifo home/tree/sock
// expect: destroys

#include "common.h"

int main(void) {
    start();
    close(own("m1")); close(own("m2")); close(own("m3")); close(own("m4"));
    say("symlink", rename("m1", "links/sym_file"));
    say("fifo", rename("m2", "fifo"));
    say("socket", rename("m3", "sock"));
    say("dangling", rename("m4", "links/dangling"));
}
