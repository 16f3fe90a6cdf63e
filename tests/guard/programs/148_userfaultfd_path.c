// what: userfaultfd fills in the path when it is first touched
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: userfaultfd

#include "common.h"

#include <linux/userfaultfd.h>
static int u; static char *pg;
static void *fill(void *x) {
    struct uffd_msg m; read(u, &m, sizeof m);
    static char b[4096]; strcpy(b, ALPHA);
    struct uffdio_copy c = {.dst = (uintptr_t)pg, .src = (uintptr_t)b, .len = 4096};
    ioctl(u, UFFDIO_COPY, &c);
    return 0;
}
int main(void) {
    start();
    u = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    if (say("userfaultfd", u) < 0) return say("plain", unlink(ALPHA)) != 0;
    struct uffdio_api a = {.api = UFFD_API}; ioctl(u, UFFDIO_API, &a);
    pg = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register r = {.range = {(uintptr_t)pg, 4096}, .mode = UFFDIO_REGISTER_MODE_MISSING}; ioctl(u, UFFDIO_REGISTER, &r);
    pthread_t t; pthread_create(&t, 0, fill, 0);
    printf("first byte %d\n", *(volatile char *)pg);
    say("unlink", unlink(pg));
}
