// what: an own filter that allows everything, installed first, with PR_SET_NO_NEW_PRIVS and TSYNC
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
int main(void) {
    start();
    struct sock_filter f[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog p = {1, f};
    say("nnp", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    say("prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p));
    say("tsync", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG, &p));
    return say("unlink", unlink(ALPHA)) != 0;
}
