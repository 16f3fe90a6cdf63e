// what: rename(2) of an own directory over an empty one that existed
// target: home/tree/empty_target
// expect: destroys

#include "common.h"

int main(void) { start(); mkdir("mine", 0755); say("rename", rename("mine", "empty_target")); mkdir("mine2", 0755); say("rename", rename("mine2/", "empty_dir/")); }
