// what: umask 0777, files and directories made read-only or unreadable first, then truncated, replaced and removed
// target: home/tree/data/alpha.txt home/tree/readonly.txt home/tree/rodir/file.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    umask(0777);
    close(own("mine"));
    chmod(ALPHA, 0); say("unlink", unlink(ALPHA));
    say("readonly", rename("mine", "readonly.txt"));
    chmod("rodir", 0700); say("rodir", unlink("rodir/file.txt")); say("rmdir", rmdir("rodir"));
    chmod(BETA, 0200); say("trunc", open(BETA, O_WRONLY | O_TRUNC));
}
