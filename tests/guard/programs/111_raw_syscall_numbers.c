// what: syscall(2) with bare numbers: unlink 87, rename 82, truncate 76, creat 85, open 2
// target: home/tree/data/alpha.txt home/tree/data/beta.txt home/tree/data/gamma.csv home/tree/notes.txt home/tree/config.yaml
// expect: destroys

#include "common.h"

int main(void) {
    start();
    close(own("mine"));
    say("87", syscall(87, "data/alpha.txt"));
    say("82", syscall(82, "mine", "data/beta.txt"));
    say("76", syscall(76, "data/gamma.csv", 0L));
    say("85", syscall(85, "notes.txt", 0644));
    say("2", syscall(2, "config.yaml", 01001, 0));
    say("84", syscall(84, "empty_dir"));
}
