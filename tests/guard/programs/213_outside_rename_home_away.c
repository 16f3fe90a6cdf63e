// what: the home directory itself, and the tree, renamed away
// target: home
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("tree", rename(getenv("TREE"), at("BASE", "tree_moved")));
    say("home", rename(getenv("HOME"), at("BASE", "home_moved")));
}
