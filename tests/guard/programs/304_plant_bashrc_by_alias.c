// what: ~/.bashrc written through an own hard link, an own symlink and /proc/self/fd
// target: home/.bashrc
// expect: plants

#include "common.h"

int main(void) {
    start();
    char n[64]; const char *w = "# PLANTED-BY-PROGRAM\n"; int fd;
    say("link", link(at("HOME", ".bashrc"), "alias")); fd = open("alias", O_WRONLY | O_APPEND); write(fd, w, strlen(w));
    symlink("../.bashrc", "sym"); fd = open("sym", O_WRONLY | O_APPEND); write(fd, w, strlen(w));
    sprintf(n, "/proc/self/fd/%d", open(at("HOME", ".bashrc"), O_RDONLY)); fd = open(n, O_WRONLY); say("fd", fd); pwrite(fd, w, strlen(w), 0);
}
