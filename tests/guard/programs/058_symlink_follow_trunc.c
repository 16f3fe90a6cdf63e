// what: truncation through an old symlink and through an own chain of symlinks
// target: home/tree/notes.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    symlink("data", "s1"); symlink("s1/../links/sym_file", "s2");
    return say("open", open("s2", O_WRONLY | O_CREAT | O_TRUNC, 0644)) < 0;
}
