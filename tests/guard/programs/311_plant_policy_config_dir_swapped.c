// what: ~/.config itself exchanged with an own directory that holds a policy
// target: home/.config/hlrp-sh/policy.toml
// expect: plants
// needs: exchange

#include "common.h"

int main(void) {
    start();
    mkdir("c", 0755); mkdir("c/hlrp-sh", 0755);
    int fd = open("c/hlrp-sh/policy.toml", O_CREAT | O_EXCL | O_WRONLY, 0644); dprintf(fd, "# PLANTED-BY-PROGRAM\n"); close(fd);
    if (say("exchange", renameat2(AT_FDCWD, "c", AT_FDCWD, at("HOME", ".config"), RENAME_EXCHANGE))) {
        say("away", rename(at("HOME", ".config"), at("HOME", ".config-old"))); say("in", rename("c", at("HOME", ".config")));
    }
}
