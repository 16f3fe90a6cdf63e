// what: writable descriptors opened before the file is replaced or removed, used afterwards
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    int a = open(ALPHA, O_RDWR), b = open(BETA, O_WRONLY | O_APPEND);
    close(own("mine")); say("rename", rename("mine", ALPHA)); say("unlink", unlink(BETA));
    say("pwrite", pwrite(a, "XXXX", 4, 0)); say("ftruncate", ftruncate(a, 1));
    fcntl(b, F_SETFL, 0); say("pwrite", pwrite(b, "XXXX", 4, 0)); say("ftruncate", ftruncate(b, 0));
}
