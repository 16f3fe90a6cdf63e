// what: mkdir, mknod, mkfifo, symlink and bind of a unix socket outside
// target: outside/d outside/f outside/p outside/s
// expect: writes-outside

#include "common.h"

int main(void) {
    start();
    say("mkdir", mkdir(at("OUTSIDE", "d"), 0755));
    say("mknod", mknod(at("OUTSIDE", "f"), S_IFREG | 0644, 0));
    say("mkfifo", mkfifo(at("OUTSIDE", "p"), 0644));
    say("symlink", symlink("x", at("OUTSIDE", "s")));
    struct sockaddr_un a = {AF_UNIX}; strcpy(a.sun_path, "../../outside/sock");
    say("bind", bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, sizeof a));
}
