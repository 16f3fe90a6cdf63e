// what: more new names than the kernel queues events for, with protected ones in between
// target: home/.zshenv home/.zlogin home/.xprofile home/.xsession home/.xinitrc home/.kshrc home/.cshrc home/.tcshrc home/.login home/.logout home/.forward home/.procmailrc home/.rhosts home/.shosts home/.inputrc
// expect: plants
// residual: seen once at level B: the kernel's queue of events can overflow, and nothing looks again then

#include "common.h"

static volatile int stop;
static void *flood(void *n) { char p[64]; for (int i = 0; i < 60000 && !stop; i++) { sprintf(p, "../f%ld_%d", (long)n, i); close(open(p, O_CREAT | O_EXCL | O_WRONLY, 0644)); } return 0; }
int main(void) {
    start();
    pthread_t t[8]; for (long i = 0; i < 8; i++) pthread_create(t + i, 0, flood, (void *)i);
    char *n[] = {".zshenv", ".zlogin", ".xprofile", ".xsession", ".xinitrc", ".kshrc", ".cshrc", ".tcshrc", ".login", ".logout", ".forward", ".procmailrc", ".rhosts", ".shosts", ".inputrc"};
    for (int i = 0; i < 15; i++) { usleep(400000); int fd = open(at("HOME", n[i]), O_CREAT | O_EXCL | O_WRONLY, 0644); dprintf(fd, "PLANTED-BY-PROGRAM\n"); close(fd); }
    stop = 1; for (int i = 0; i < 8; i++) pthread_join(t[i], 0);
}
