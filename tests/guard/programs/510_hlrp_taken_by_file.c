// what: `.hlrp` of the home directory is taken by a file before anything was kept: from then on nothing can be kept, in any session
// target: home/.hlrp
// expect: plants

#include "common.h"

int main(void) {
    start();
    int fd = say(".hlrp", open(at("HOME", ".hlrp"), O_CREAT | O_EXCL | O_WRONLY, 0644)); dprintf(fd, "PLANTED-BY-PROGRAM\n"); close(fd);
    usleep(300000);
    say("trunc", open(ALPHA, O_WRONLY | O_TRUNC));
}
