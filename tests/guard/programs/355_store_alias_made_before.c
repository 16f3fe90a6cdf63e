// what: a hard link (own and old) to a file that is then replaced or truncated; what was kept is attacked through the alias
// target: home/tree/data/alpha.txt home/tree/links/hard_a.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    say("link", link(ALPHA, "alias")); close(own("m1")); close(own("m2"));
    say("rename", rename("m1", ALPHA)); say("truncate", truncate("alias", 0));
    say("rename", rename("m2", "links/hard_a.txt")); int fd = open("links/hard_b.txt", O_RDWR); pwrite(fd, "XXXX", 4, 0); ftruncate(fd, 4);
}
