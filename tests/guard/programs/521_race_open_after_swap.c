// what: open(O_TRUNC) swaps a fresh file in and opens it by name: another old file is exchanged under that name in between, and opened for writing unkept
// target: home/tree/many
// expect: destroys
// needs: exchange

#include "common.h"

static volatile int turn, done, ack;
static void *flip(void *x) {
    for (int i = 0; i < 90; i++) { char a[32], b[32]; sprintf(a, "many/f%03d", i); sprintf(b, "many/f%03d", i + 100);
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
    for (int i = 0; i < 90; i++) { char a[32]; struct stat s; sprintf(a, "many/f%03d", i); turn = i + 1; usleep(300);
        int fd = open(a, O_WRONLY | O_TRUNC); done = i + 1; while (ack <= i);
        if (fd >= 0) { fstat(fd, &s); if (s.st_size) { printf("got an old file of %ld bytes\n", (long)s.st_size); pwrite(fd, "xxxxxxxxxxxxxxxxxxxxxxxx", s.st_size, 0); } close(fd); } }
}
