// what: a hard link outside to a file inside
// target: outside/link
// expect: writes-outside

#include "common.h"

int main(void) { start(); return say("link", link(ALPHA, at("OUTSIDE", "link"))) != 0; }
