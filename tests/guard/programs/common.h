// Shared by the C programs of the battery. main() starts with start(): it prints the mark that the harness looks for.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

// What was stored before it is really stored, for another thread or process to see.
#define SEEN __asm__ volatile("" ::: "memory")

#define ALPHA "data/alpha.txt"
#define BETA "data/beta.txt"

static inline void start(void) { write(1, "START\n", 6); alarm(9); }

// "$VAR/rel", in memory that is never freed.
static inline char *at(const char *var, const char *rel) {
    char *p = malloc(PATH_MAX);
    const char *v = getenv(var);
    snprintf(p, PATH_MAX, "%s%s%s", v ? v : "/nonexistent", *rel ? "/" : "", rel);
    return p;
}

static inline int say(const char *what, long r) {
    printf("%s: %ld%s%s\n", what, r, r < 0 ? " " : "", r < 0 ? strerror(errno) : "");
    fflush(stdout);
    return (int)r;
}

// A new file of the program's own, with other content than anything that exists.
static inline int own(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
    char line[64];
    for (int i = 0; i < 400; i++) dprintf(fd, "%s", (snprintf(line, sizeof line, "the program's own line %d\n", i), line));
    return fd;
}

// After something was removed or replaced: the first file of the store whose content starts with `with`, or 0.
static char found_path[PATH_MAX];
static const char *found_with;
static int found_visit(const char *p, const struct stat *s, int t, struct FTW *f) {
    if (t != FTW_F || found_path[0]) return 0;
    char b[256] = {0};
    int fd = open(p, O_RDONLY | O_NOFOLLOW);
    if (fd < 0) return 0;
    read(fd, b, 255);
    close(fd);
    if (!strncmp(b, found_with, strlen(found_with))) strcpy(found_path, p);
    return 0;
}
static inline char *stored(const char *with) {
    found_path[0] = 0;
    found_with = with;
    nftw(at("HOME", ".hlrp/retained"), found_visit, 20, FTW_PHYS);
    return found_path[0] ? found_path : 0;
}

// Truncates data/alpha.txt, and says where the guard keeps what it held (natively nowhere).
static inline char *retained_alpha(void) {
    int fd = open(ALPHA, O_WRONLY | O_TRUNC);
    write(fd, "new\n", 4);
    close(fd);
    char *p = stored("data/alpha.txt line 0");
    printf("retained at: %s\n", p ? p : "nowhere");
    fflush(stdout);
    return p;
}

// One request through a fresh io_uring, by raw system calls; the result, or -errno.
static inline int ring_do(struct io_uring_sqe want) {
    struct io_uring_params p = {0};
    int r = syscall(SYS_io_uring_setup, 4, &p);
    if (r < 0) return say("io_uring_setup", -1), -errno;
    char *sq = mmap(0, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, r, IORING_OFF_SQ_RING);
    char *cq = mmap(0, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED, r, IORING_OFF_CQ_RING);
    struct io_uring_sqe *e = mmap(0, p.sq_entries * sizeof *e, PROT_READ | PROT_WRITE, MAP_SHARED, r, IORING_OFF_SQES);
    *e = want;
    *(unsigned *)(sq + p.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, r, 1, 1, IORING_ENTER_GETEVENTS, 0, 0) < 0) return say("io_uring_enter", -1), -errno;
    int res = ((struct io_uring_cqe *)(cq + p.cq_off.cqes))->res;
    printf("io_uring: %d\n", res);
    return close(r), res;
}

// Processes between this one and the harness, and everything else that the harness started for this run: natively nobody but
// this program; under a guard its shell and its supervisor. Never anything that the harness did not start.
static inline int session_pids(pid_t *out, int max) {
    static pid_t pid[65536], up[65536];
    int n = 0, k = 0;
    pid_t top = atoi(getenv("HARNESS_PID") ? getenv("HARNESS_PID") : "0"), helper = atoi(getenv("HELPER_PID") ? getenv("HELPER_PID") : "0");
    if (top <= 1) return 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; (e = readdir(d)) && n < 65536;) {
        if (e->d_name[0] < '1' || e->d_name[0] > '9') continue;
        char f[64], b[600] = {0}; snprintf(f, sizeof f, "/proc/%s/stat", e->d_name);
        int fd = open(f, O_RDONLY); if (fd < 0) continue;
        read(fd, b, 599); close(fd);
        char *q = strrchr(b, ')'); if (!q) continue;
        pid[n] = atoi(e->d_name); sscanf(q + 1, " %*c %d", &up[n]); n++;
    }
    closedir(d);
    for (int i = 0; i < n; i++) {
        pid_t at = pid[i]; int below = 0;
        if (at == getpid() || at == top) continue;
        for (int step = 0; step < 100 && at > 1; step++) {
            if (helper && at == helper) { below = 0; break; }
            int j = 0; while (j < n && pid[j] != at) j++;
            if (j == n) break;
            at = up[j];
            if (at == top) { below = 1; break; }
        }
        if (below && k < max) out[k++] = pid[i];
    }
    return k;
}

// After whatever was done to the guard: every verb that it mediates.
static inline void try_everything(void) {
    close(open("mine_at_the_end", O_CREAT | O_WRONLY, 0644));
    say("unlink", unlink(ALPHA));
    say("truncate", truncate(BETA, 0));
    say("rename", rename("mine_at_the_end", "data/gamma.csv"));
    say("open", open("config.yaml", O_WRONLY | O_TRUNC));
    say("rmdir", rmdir("empty_dir"));
}

// A user namespace of one's own in which the caller is root, with a mount namespace.
static inline int become_ns_root(void) {
    char m[64]; int fd, u = getuid(), g = getgid();
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) return say("unshare", -1);
    fd = open("/proc/self/setgroups", O_WRONLY); write(fd, "deny", 4); close(fd);
    sprintf(m, "0 %d 1", u); fd = open("/proc/self/uid_map", O_WRONLY); write(fd, m, strlen(m)); close(fd);
    sprintf(m, "0 %d 1", g); fd = open("/proc/self/gid_map", O_WRONLY); write(fd, m, strlen(m)); close(fd);
    return 0;
}
