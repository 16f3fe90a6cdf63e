// what: once the guard has two workers: rename over an own file while that name is exchanged with an old file; 200 old files, one try each
// target: home/tree/many
// expect: destroys
// needs: exchange

#include "common.h"

static volatile int turn, done, ack;
static void *flip(void *x) {
    for (int i = 0; i < 190; i++) { char a[32], b[32]; sprintf(a, "many/f%03d", i); sprintf(b, "mine%d", i);
        while (turn <= i); while (done < i + 1) renameat2(AT_FDCWD, b, AT_FDCWD, a, RENAME_EXCHANGE); ack = i + 1; }
    return 0;
}
int main(int argc, char **argv) {
    start();
    if (argc < 2) {
        int in = open("/proc/self/exe", O_RDONLY), out = open("rsync", O_CREAT | O_EXCL | O_WRONLY, 0755);
        struct stat s; fstat(in, &s); off_t o = 0; sendfile(out, in, &o, s.st_size); close(out);
        execl("./rsync", "rsync", "x", NULL); return say("exec", -1);
    }
    close(open("/dev/null", O_WRONLY)); close(open("/dev/null", O_WRONLY));
    pthread_t t; pthread_create(&t, 0, flip, 0);
    for (int i = 0; i < 190; i++) { char c[32], b[32]; sprintf(b, "mine%d", i); sprintf(c, "other%d", i);
        close(own(b)); close(own(c)); turn = i + 1; usleep(300); rename(c, b); done = i + 1; while (ack <= i); }
}
