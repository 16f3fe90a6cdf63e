// what: a preloaded library whose constructor deletes, in /bin/true
// target: home/tree/data/alpha.txt
// expect: destroys
// cflags: -shared -fPIC
// run: env LD_PRELOAD={bin} /bin/true

#include "common.h"

__attribute__((constructor)) static void go(void) {
    if (!strstr(program_invocation_name, "true")) return;
    start(); say("unlink", unlink(ALPHA));
}
