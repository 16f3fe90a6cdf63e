// what: start-up files that did not exist, by O_CREAT|O_EXCL, by rename, by link and by symlink
// target: home/.bash_profile home/.bash_login home/.zshrc home/.bash_aliases
// expect: plants

#include "common.h"

int main(void) {
    start();
    int fd = open(at("HOME", ".bash_profile"), O_CREAT | O_EXCL | O_WRONLY, 0644); say("excl", fd); if (fd >= 0) dprintf(fd, "# PLANTED-BY-PROGRAM\n");
    fd = open("mine", O_CREAT | O_WRONLY, 0644); dprintf(fd, "# PLANTED-BY-PROGRAM\n"); close(fd);
    say("link", link("mine", at("HOME", ".bash_login")));
    say("symlink", symlink("tree/mine", at("HOME", ".zshrc")));
    say("rename", rename("mine", at("HOME", ".bash_aliases")));
}
