// what: rmdir(2) and unlinkat(AT_REMOVEDIR) of empty directories, with a trailing slash too
// target: home/tree/empty_dir home/tree/empty_target
// expect: destroys

#include "common.h"

int main(void) {
    start();
    say("rmdir", rmdir("empty_dir/"));
    say("unlinkat", unlinkat(AT_FDCWD, "empty_target", AT_REMOVEDIR));
    say("rmdir", rmdir("./sub/with/./empty/../empty/end"));
}
