// what: this program runs itself again as /proc/self/exe, ten deep, then deletes
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(int n, char **v) {
    int k = n > 1 ? atoi(v[1]) : 0;
    if (!k) start();
    if (k == 10) return say("unlink", unlink(ALPHA)) != 0;
    char b[9]; sprintf(b, "%d", k + 1);
    execl("/proc/self/exe", "again", b, NULL);
}
