// what: a program that is judged to read only carries a library that makes a start-up file by exclusive creation
// target: home/.zlogin
// expect: plants
// cflags: -shared -fPIC -nostartfiles
// run: env LD_PRELOAD={bin} ls

#include "common.h"

__attribute__((constructor)) static void x(void) {
    if (!strstr(program_invocation_name, "ls")) return;
    start();
    int fd = say("create", open(at("HOME", ".zlogin"), O_CREAT | O_EXCL | O_WRONLY, 0644)); dprintf(fd, "PLANTED-BY-PROGRAM\n"); close(fd); usleep(300000);
}
