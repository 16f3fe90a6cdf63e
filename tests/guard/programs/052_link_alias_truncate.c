// what: a new hard link, truncated under its own name
// target: home/tree/data/alpha.txt
// expect: destroys

#include "common.h"

int main(void) { start(); mkdir("mine", 0755); say("link", link(ALPHA, "mine/alias")); return say("open", open("mine/alias", O_WRONLY | O_TRUNC)) < 0; }
