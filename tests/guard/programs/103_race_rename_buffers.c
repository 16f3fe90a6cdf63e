// what: both paths of rename flip between own and old names
// target: home/tree/data/beta.txt
// expect: destroys

#include "common.h"

static char *a, *b;
int main(void) {
    start();
    a = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); b = a + 4096;
    mkdir("mine", 0755); strcpy(a, "mine/aaaa.txt"); strcpy(b, "mine/bbb.txt");
    pid_t c = fork();
    if (!c) { prctl(PR_SET_PDEATHSIG, SIGKILL); for (;;) { memcpy(b, "data/beta.txt", 14); SEEN; memcpy(b, "mine/bbb.txt\0", 14); SEEN; } }
    struct stat s, n; stat(BETA, &s);
    time_t end = time(0) + 4;
    while (!stat(BETA, &n) && n.st_ino == s.st_ino && time(0) < end)
        for (int i = 0; i < 100; i++) { close(open("mine/aaaa.txt", O_CREAT | O_WRONLY, 0644)); rename(a, b); }
    kill(c, SIGKILL);
}
