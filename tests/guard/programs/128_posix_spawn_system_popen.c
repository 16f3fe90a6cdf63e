// what: posix_spawn, system(3) and popen(3)
// target: home/tree/data/alpha.txt home/tree/data/beta.txt home/tree/data/gamma.csv
// expect: destroys

#include "common.h"

extern char **environ;
int main(void) {
    start();
    pid_t p; char *v[] = {"unlink", ALPHA, 0};
    posix_spawnp(&p, "unlink", 0, 0, v, environ); waitpid(p, 0, 0);
    system("rm -f data/beta.txt");
    pclose(popen("truncate -s 0 data/gamma.csv", "w"));
}
