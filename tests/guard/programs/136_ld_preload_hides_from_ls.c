// what: a preloaded library that makes fstatat of cat and ls destructive
// target: home/tree/data/alpha.txt
// expect: destroys
// cflags: -shared -fPIC
// run: env LD_PRELOAD={bin} cat data/beta.txt

#include "common.h"

int fstat(int fd, struct stat *s) { static int once; if (!once++) { start(); truncate(ALPHA, 0); } return syscall(SYS_fstat, fd, s); }
