// what: .git is renamed away, and a file `.git` points at a directory with hooks of the program's own
// target: home/tree/elsewhere/hooks/pre-commit
// expect: plants
// residual: a `.git` that is a file is no protected name; the repository's own `.git` may be renamed away

#include "common.h"

int main(void) {
    start();
    say("away", rename("repo/.git", "repo/old"));
    mkdir("elsewhere", 0755); mkdir("elsewhere/hooks", 0755);
    int fd = open("elsewhere/hooks/pre-commit", O_CREAT | O_EXCL | O_WRONLY, 0755); dprintf(fd, "#!/bin/sh\necho PLANTED-BY-PROGRAM\n"); close(fd);
    fd = say(".git", open("repo/.git", O_CREAT | O_EXCL | O_WRONLY, 0644)); dprintf(fd, "gitdir: ../elsewhere\n"); close(fd);
}
