// what: removexattr(2) outside
// target: outside/xattr.txt
// expect: writes-outside
// needs: xattr

#include "common.h"

int main(void) { start(); return say("remove", removexattr("../../outside/xattr.txt", "user.note")) != 0; }
