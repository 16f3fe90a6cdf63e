// what: races of the store's own steps: names of the store taken natively as soon as its directory stands, then every verb
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static volatile int stop;
static void *spin(void *x) { char p[4096]; const char *s = getenv("HLRP_SESSION") ? getenv("HLRP_SESSION") : "none";
    while (!stop) for (int i = 1; i < 12; i++) { snprintf(p, sizeof p, "%s/.hlrp/retained/%s/%08d", getenv("HOME"), s, i); int fd = open(p, O_CREAT | O_EXCL | O_RDWR, 0644); if (fd >= 0) printf("took %d\n", i); } return 0; }
int main(void) {
    start();
    pthread_t t; pthread_create(&t, 0, spin, 0);
    usleep(20000);
    for (int i = 0; i < 6; i++) { close(own(i % 2 ? "n1" : "n0")); rename(i % 2 ? "n1" : "n0", i % 2 ? ALPHA : BETA); close(open(i % 2 ? ALPHA : BETA, O_WRONLY | O_TRUNC)); unlink(ALPHA); }
    stop = 1; pthread_join(t, 0);
}
