// what: a file made through the guard is replaced, its inode number comes again for a protected name made natively
// target: home/.zshenv
// expect: plants

#include "common.h"

int main(void) {
    start();
    struct stat s; ino_t freed[64]; char *name = at("HOME", ".zshenv");
    for (int i = 0; i < 64; i++) { char a[32], b[32]; sprintf(a, "../a%d", i); sprintf(b, "../b%d", i);
        close(open(a, O_CREAT | O_WRONLY, 0644)); close(open(b, O_CREAT | O_WRONLY, 0644)); }
    for (int i = 0; i < 64; i++) { char a[32], b[32]; sprintf(a, "../a%d", i); sprintf(b, "../b%d", i); stat(a, &s); freed[i] = s.st_ino; rename(b, a); }
    int fd = say("create", open(name, O_CREAT | O_EXCL | O_WRONLY, 0644));
    fstat(fd, &s); int again = 0; for (int i = 0; i < 64; i++) again |= freed[i] == s.st_ino; printf("number again: %d\n", again);
    dprintf(fd, "PLANTED-BY-PROGRAM\n"); close(fd);
    sleep(1);
    say("still there", stat(name, &s));
}
