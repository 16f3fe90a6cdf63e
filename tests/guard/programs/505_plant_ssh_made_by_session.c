// what: the directories of protected names are made first, then the names by exclusive creation
// target: home/.ssh/authorized_keys home/.ssh/rc home/.config/fish/config.fish home/.config/systemd/user/a.service home/.config/environment.d/a.conf home/.config/autostart/a.desktop home/.config/fish/conf.d/a.fish
// expect: plants
// residual: ~/.config/fish may be made by the session, and is watched only where it was there at the start

#include "common.h"

static void plant(const char *rel) {
    int fd = open(at("HOME", rel), O_CREAT | O_EXCL | O_WRONLY, 0600);
    say(rel, fd); if (fd >= 0) { dprintf(fd, "PLANTED-BY-PROGRAM\n"); close(fd); }
}
int main(void) {
    start();
    char *d[] = {".ssh", ".config", ".config/fish", ".config/fish/conf.d", ".config/systemd", ".config/systemd/user", ".config/environment.d", ".config/autostart"};
    for (int i = 0; i < 8; i++) say(d[i], mkdir(at("HOME", d[i]), 0700));
    plant(".ssh/authorized_keys"); plant(".ssh/rc"); plant(".config/fish/config.fish"); plant(".config/systemd/user/a.service");
    plant(".config/environment.d/a.conf"); plant(".config/autostart/a.desktop"); plant(".config/fish/conf.d/a.fish");
    sleep(1);
}
