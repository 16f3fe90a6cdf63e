// what: old content given the looks of new: copied into a new file whose name is then the old one's, times set to now, unlink of what seems born
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}; utimensat(AT_FDCWD, ALPHA, now, 0); chmod(ALPHA, 0600);
    say("unlink", unlink(ALPHA));
    close(own("born")); unlink("born"); say("rename", rename(BETA, "born")); say("unlink", unlink("born"));
    mkdir("bd", 0755); rmdir("bd"); say("dir", rename("empty_dir", "bd")); say("rmdir", rmdir("bd"));
}
