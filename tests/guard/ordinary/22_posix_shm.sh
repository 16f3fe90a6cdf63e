#!/bin/bash
# what: shm_open, mmap and shm_unlink in C, as a DataLoader does
# needs: gcc

set -u
cat > s.c <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <semaphore.h>
#include <unistd.h>
int main(void) {
    char n[64]; sprintf(n, "/hlrp-ord-%d", getpid());
    for (int i = 0; i < 50; i++) {
        int fd = shm_open(n, O_RDWR | O_CREAT | O_EXCL, 0600); if (fd < 0 || ftruncate(fd, 1 << 20)) { perror("shm"); return 1; }
        char *m = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (!fork()) { strcpy(m, "written by the child"); _exit(0); }
        wait(0); if (i == 49) puts(m); munmap(m, 1 << 20); close(fd); if (shm_unlink(n)) { perror("unlink"); return 1; }
    }
    sprintf(n, "/hlrp-sem-%d", getpid()); sem_t *s = sem_open(n, O_CREAT | O_EXCL, 0600, 1); if (s == SEM_FAILED) { perror("sem"); return 1; }
    sem_wait(s); sem_post(s); sem_close(s); printf("sem_unlink %d\n", sem_unlink(n));
    return 0;
}
C
gcc -o s s.c && ./s
