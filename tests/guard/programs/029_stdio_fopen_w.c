// what: fopen "w", "w+" and freopen
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    FILE *f = fopen(ALPHA, "w");
    if (f) fputs("short", f), fclose(f);
    freopen(BETA, "w+", stdin);
}
