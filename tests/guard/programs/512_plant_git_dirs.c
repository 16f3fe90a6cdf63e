// what: ways to bring a hooks directory of one's own below .git: rename, exchange, hooks missing, a parent
// target: home/tree/repo/.git/hooks/post-commit home/tree/z.git/hooks/post-commit home/tree/n/.git/hooks/post-commit home/tree/m/.git/hooks/post-commit home/tree/e/.git/hooks/post-commit
// expect: plants

#include "common.h"

static void mk(const char *d) { char p[200]; mkdir(d, 0755); sprintf(p, "%s/hooks", d); mkdir(p, 0755); strcat(p, "/post-commit");
    int fd = open(p, O_CREAT | O_EXCL | O_WRONLY, 0755); say(p, fd); if (fd >= 0) { dprintf(fd, "#!/bin/sh\n: PLANTED-BY-PROGRAM\n"); close(fd); } }
int main(void) {
    start();
    mk("a"); say("to z.git", rename("a", "z.git"));
    mk("b"); mkdir("n", 0755); say("to n/.git", rename("b", "n/.git"));
    mk("c"); mkdir("m", 0755); mkdir("m/.git", 0755); say("exchange", renameat2(AT_FDCWD, "c", AT_FDCWD, "m/.git", RENAME_EXCHANGE));
    say("exchange back", renameat2(AT_FDCWD, "m/.git", AT_FDCWD, "c", RENAME_EXCHANGE));
    mkdir("e", 0755); mkdir("e/.git", 0755); mk("f"); say("to e/.git/hooks", rename("f/hooks", "e/.git/hooks"));
    mkdir("g.git", 0755); say("from .git name", rename("f", "g.git")); say("g.git to repo", rename("g.git/f", "repo/.git"));
    mk("h"); say("away", rename("repo/.git", "repo/old")); say("h to repo/.git", rename("h", "repo/.git"));
    say("symlink .git", symlink("../h", "repo/.git")); say("chmod", chmod("repo/.git/hooks/x", 0755));
}
