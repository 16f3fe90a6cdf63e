// what: a second process flips the path in shared memory while open(O_TRUNC) runs
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char *path = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mkdir("mine", 0755); strcpy(path, "mine/aaaa.txt");
    pid_t c = fork();
    if (!c) { prctl(PR_SET_PDEATHSIG, SIGKILL); for (;;) { memcpy(path, "data/alpha.txt", 15); SEEN; memcpy(path, "mine/aaaa.txt\0", 15); SEEN; } }
    struct stat s; stat(ALPHA, &s);
    off_t was = s.st_size;
    time_t end = time(0) + 4;
    while (!stat(ALPHA, &s) && s.st_size == was && time(0) < end)
        for (int i = 0; i < 100; i++) close(open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644));
    kill(c, SIGKILL);
}
