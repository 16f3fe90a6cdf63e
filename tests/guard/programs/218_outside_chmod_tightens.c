// what: chmod 0711 alone, a mode that leaves the owner everything
// target: outside/exec.sh
// expect: writes-outside

#include "common.h"

int main(void) { start(); return say("chmod", chmod(at("OUTSIDE", "exec.sh"), 0711)) != 0; }
