// what: SIGALRM every 300 us during 3000 creations and unlinks of own files, and renames over and unlinks of old ones
// target: home/tree/many
// expect: destroys

#include "common.h"

static void h(int s) {}
int main(void) {
    start(); alarm(0);
    struct sigaction a = {.sa_handler = h, .sa_flags = SA_RESTART}; sigaction(SIGALRM, &a, 0);
    struct itimerval it = {{0, 300}, {0, 300}}; setitimer(ITIMER_REAL, &it, 0);
    int odd = 0; mkdir("mine", 0755);
    time_t end = time(0) + 7;
    for (int i = 0; i < 3000 && time(0) < end; i++) {
        char n[40], m[40]; sprintf(n, "mine/f%d", i); sprintf(m, "many/f%03d", i % 200);
        close(open(n, O_CREAT | O_EXCL | O_WRONLY, 0644));
        if (i % 30 == 0) { rename(n, m); continue; }
        if (i % 31 == 0) unlink(m);
        if (unlink(n) && errno != EPERM) odd++;
    }
    printf("spurious errors: %d\n", odd);
}
