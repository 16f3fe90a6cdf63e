// what: a copy of this program that may be executed but not read, which makes it undumpable
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(int n, char **v) {
    if (n > 1) { say("unlink", unlink(ALPHA)); return say("truncate", truncate(BETA, 0)); }
    start();
    int a = open("/proc/self/exe", O_RDONLY), b = open("mine_x", O_CREAT | O_WRONLY, 0755);
    struct stat s; fstat(a, &s); sendfile(b, a, 0, s.st_size); close(b); 
    chmod("mine_x", 0111);
    execl("./mine_x", "mine_x", "go", NULL);
    say("exec", -1);
}
