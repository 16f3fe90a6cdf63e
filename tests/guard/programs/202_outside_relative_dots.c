// what: creation through a long path of .. and own symlinks
// target: outside/new.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    symlink("../..", "up");
    return say("open", open("docs/deep/../../up/outside/new.txt", O_CREAT | O_EXCL | O_WRONLY, 0644)) < 0;
}
