// what: an own user-notification listener in another thread that answers CONTINUE
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
static int l = -1; static volatile int ready;
static void *answer(void *x) {
    while (!ready) usleep(100);
    if (l < 0) return 0;
    struct seccomp_notif n = {0};
    if (ioctl(l, SECCOMP_IOCTL_NOTIF_RECV, &n)) return 0;
    struct seccomp_notif_resp r = {.id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    say("continue", ioctl(l, SECCOMP_IOCTL_NOTIF_SEND, &r));
    return 0;
}
int main(void) {
    start();
    pthread_t t; pthread_create(&t, 0, answer, 0);
    struct sock_filter f[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unlink, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog p = {4, f};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    l = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
    say("listener", l);
    ready = 1;
    return say("unlink", syscall(SYS_unlink, ALPHA)) != 0;
}
