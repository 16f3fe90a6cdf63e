// what: a deleter that exists only in memory: memfd_create and fexecve
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(int n, char **v, char **e) {
    if (n > 1) return say("unlink", unlink(ALPHA)) != 0;
    start();
    int m = memfd_create("x", 0), s = open("/proc/self/exe", O_RDONLY);
    struct stat st; fstat(s, &st);
    sendfile(m, s, 0, st.st_size);
    char *a[] = {"x", "go", 0};
    fexecve(m, a, e);
    say("fexecve", -1);
}
