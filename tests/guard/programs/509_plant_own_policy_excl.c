// what: a policy of a project, and of the home directory, by exclusive creation in .hlrp
// target: home/tree/.hlrp/policy.toml home/.hlrp/policy.toml
// expect: plants
// residual: a project's .hlrp is not watched; a policy there can only tighten, but one that does not load ends every later session there

#include "common.h"

int main(void) {
    start();
    close(open(ALPHA, O_WRONLY | O_TRUNC));
    mkdir(".hlrp", 0755); mkdir("../.hlrp", 0755);
    char *n[] = {".hlrp/policy.toml", "../.hlrp/policy.toml"};
    for (int i = 0; i < 2; i++) { int fd = say(n[i], open(n[i], O_CREAT | O_EXCL | O_WRONLY, 0644)); dprintf(fd, "# PLANTED-BY-PROGRAM\n"); close(fd); }
    sleep(1);
}
