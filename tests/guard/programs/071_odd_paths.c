// what: paths with //, /./, .. and 4095 bytes, and one that ends at the last byte of a page
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char *m = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(m + 4096, 4096);
    const char *v = "data/alpha.txt";
    char *p = m + 4096 - strlen(v) - 1; strcpy(p, v);
    say("page end", unlink(p));
    char b[PATH_MAX]; int k = 0;
    while (k + 2 + strlen("data/beta.txt") < 4095) b[k++] = '.', b[k++] = '/';
    strcpy(b + k, "data/beta.txt");
    say("long", unlink(b));
    say("dots", unlink("..//tree/./data/..//data/gamma.csv"));
}
