// what: old and own symlinks inside that point outside
// target: outside/outside.txt outside/new.txt
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("old", open("links/sym_out_file", O_WRONLY | O_TRUNC));
    say("dir", open("links/sym_out/new.txt", O_CREAT | O_WRONLY, 0644));
    symlink(at("OUTSIDE", "dangling"), "mine");
    say("dangling", open("mine", O_CREAT | O_WRONLY, 0644));
    say("unlink", unlink("links/sym_out/second.txt"));
}
