// what: mkdir, and before the guard looks what it has made, an old file takes the name: it is remembered as made by the session, and may then be emptied
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: exchange

#include "common.h"

static volatile int stop;
static void *flip(void *x) { while (!stop) renameat2(AT_FDCWD, "data/mine", AT_FDCWD, ALPHA, RENAME_EXCHANGE); return 0; }
int main(int argc, char **argv) {
    start();
    if (argc < 2) {
        int in = open("/proc/self/exe", O_RDONLY), out = open("rsync", O_CREAT | O_EXCL | O_WRONLY, 0755);
        struct stat s; fstat(in, &s); off_t o = 0; sendfile(out, in, &o, s.st_size); close(out);
        execl("./rsync", "rsync", "x", NULL); return say("exec", -1);
    }
    close(open("/dev/null", O_WRONLY)); close(open("/dev/null", O_WRONLY));
    struct stat s; stat(ALPHA, &s); ino_t old = s.st_ino; off_t was = s.st_size;
    pthread_t t; pthread_create(&t, 0, flip, 0);
    time_t end = time(0) + 6; int n = 0;
    while (time(0) < end) { mkdir("data/mine", 0755); rmdir("data/mine"); rmdir(ALPHA); n++; renameat2(AT_FDCWD, "data/mine", AT_FDCWD, ALPHA, RENAME_NOREPLACE); }
    stop = 1; pthread_join(t, 0);
    char *p = !stat(ALPHA, &s) && s.st_ino == old ? ALPHA : "data/mine";
    printf("%d rounds; old one at %s, %ld bytes\n", n, p, (long)was);
    int fd = say("cut", open(p, O_WRONLY | O_TRUNC)); pwrite(fd, "x", 1, 0);
}
