// what: open(O_CREAT|O_EXCL), which the guard does not mediate one by one
// target: outside/new.txt
// expect: writes-outside

#include "common.h"

int main(void) { start(); int fd = open(at("OUTSIDE", "new.txt"), O_CREAT | O_EXCL | O_WRONLY, 0644); return say("open", fd) < 0; }
