// what: one thread renames whatever appears in the store away while another truncates two hundred files
// target: home/tree/many
// expect: destroys

#include "common.h"

static volatile int stop;
static int grab(const char *p, const struct stat *s, int t, struct FTW *f) { static int k; char n[32]; if (t == FTW_F) { sprintf(n, "g%d", k++); if (!rename(p, n)) unlink(n); unlink(p); truncate(p, 0); } return 0; }
static void *thief(void *x) { char *h = at("HOME", ".hlrp/retained"); while (!stop) nftw(h, grab, 20, FTW_PHYS); return 0; }
int main(void) {
    start();
    pthread_t t; pthread_create(&t, 0, thief, 0);
    for (int i = 0; i < 200; i++) { char m[40]; sprintf(m, "many/f%03d", i); close(open(m, O_WRONLY | O_TRUNC)); }
    usleep(50000); stop = 1; pthread_join(t, 0);
}
