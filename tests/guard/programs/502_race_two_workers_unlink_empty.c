// what: once the guard has two workers: an own empty file is unlinked while it changes places with an old file
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: exchange

#include "common.h"

static volatile int stop;
static void *flip(void *x) { while (!stop) renameat2(AT_FDCWD, "data/mine", AT_FDCWD, ALPHA, RENAME_EXCHANGE); return 0; }
static void *null(void *x) { while (!stop) close(open("/dev/null", O_WRONLY)); return 0; }
int main(int argc, char **argv) {
    start();
    if (argc < 2) {   // by the name of a program that may rename hundreds: the floor must hold for it too
        int in = open("/proc/self/exe", O_RDONLY), out = open("rsync", O_CREAT | O_EXCL | O_WRONLY, 0755);
        struct stat s; fstat(in, &s); off_t o = 0; sendfile(out, in, &o, s.st_size); close(out);
        execl("./rsync", "rsync", "x", NULL); return say("exec", -1);
    }
    close(open("/dev/null", O_WRONLY));
    pthread_t t, u; pthread_create(&t, 0, flip, 0); pthread_create(&u, 0, null, 0);
    struct stat s;
    time_t end = time(0) + 6;
    while (time(0) < end) {
        for (int i = 0; i < 50; i++) { close(open("data/mine", O_CREAT | O_EXCL | O_WRONLY, 0644)); unlink("data/mine"); }
    }
    stop = 1; pthread_join(t, 0); pthread_join(u, 0);
    say("alpha", stat(ALPHA, &s)); printf("size %ld\n", (long)s.st_size);
}
