// what: every descriptor is taken, then unlink, truncate and rename; one is given back for an open with O_TRUNC
// target: home/tree/data/alpha.txt home/tree/data/beta.txt home/tree/data/gamma.csv
// expect: destroys

#include "common.h"

int main(void) {
    start();
    close(own("mine"));
    struct rlimit l = {64, 64}; setrlimit(RLIMIT_NOFILE, &l);
    int last = 0, fd;
    while ((fd = open("/dev/null", O_RDONLY)) >= 0) last = fd;
    say("unlink", unlink(ALPHA));
    say("rename", rename("mine", BETA));
    say("truncate", truncate("data/gamma.csv", 0));
    say("open full", open("config.yaml", O_WRONLY | O_TRUNC));
    close(last);
    say("open", open("notes.txt", O_WRONLY | O_TRUNC));
}
