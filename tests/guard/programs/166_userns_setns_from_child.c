// what: setns into the user and mount namespaces of an own child, which bind mounted the tree
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userns

#include "common.h"

int main(void) {
    start();
    mkdir("mine", 0755);
    int p[2]; pipe(p);
    pid_t c = fork();
    if (!c) { become_ns_root(); mount(at("TREE", "data"), "mine", 0, MS_BIND, 0); write(p[1], "x", 1); pause(); }
    char b; read(p[0], &b, 1);
    char n[64], m[64]; sprintf(n, "/proc/%d/ns/user", c); sprintf(m, "/proc/%d/ns/mnt", c);
    int u = open(n, O_RDONLY), mt = open(m, O_RDONLY);
    say("user", setns(u, CLONE_NEWUSER)); say("mnt", setns(mt, CLONE_NEWNS));
    char *v = at("TREE", "mine/alpha.txt");
    say("unlink", unlink(v));
    sprintf(n, "/proc/%d/root%s", c, v);
    say("through root", unlink(n));
    kill(c, SIGKILL);
}
