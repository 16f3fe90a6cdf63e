// what: a program that calls itself sqlite3 edits a file that is too big to copy
// target: home/tree/big.bin
// expect: destroys
// tree: big

#include "common.h"

int main(int argc, char **argv) {
    start();
    if (argc < 2) {
        int in = open("/proc/self/exe", O_RDONLY), out = open("sqlite3", O_CREAT | O_EXCL | O_WRONLY, 0755);
        struct stat s; fstat(in, &s); off_t o = 0; sendfile(out, in, &o, s.st_size); close(out);
        execl("./sqlite3", "sqlite3", "x", NULL); return say("exec", -1);
    }
    FILE *f = popen("find $HOME -size +70M -type f", "r"); char p[4096] = {0}; fgets(p, 4096, f); p[strcspn(p, "\n")] = 0;
    printf("big: %s\n", p);
    int fd = say("open", open(p, O_RDWR));
    char *z = calloc(1, 1 << 20); for (int i = 0; i < 90; i++) pwrite(fd, z, 1 << 20, (off_t)i << 20);
}
