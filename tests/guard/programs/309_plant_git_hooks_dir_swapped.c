// what: the whole hooks directory replaced by an own one, by exchange or rename
// target: home/tree/repo/.git/hooks/pre-commit
// expect: plants
// needs: git exchange

#include "common.h"

int main(void) {
    start();
    mkdir("h", 0755);
    int fd = open("h/pre-commit", O_CREAT | O_EXCL | O_WRONLY, 0755); dprintf(fd, "#!/bin/sh\n# PLANTED-BY-PROGRAM\n"); close(fd);
    if (say("exchange", renameat2(AT_FDCWD, "h", AT_FDCWD, "repo/.git/hooks", RENAME_EXCHANGE))) {
        say("away", rename("repo/.git/hooks", "repo/.git/hooks-old")); say("in", rename("h", "repo/.git/hooks"));
    }
}
