// what: a service outside that starts after the session (tmux, ssh-agent, an editor's server): its socket is younger than the session
// target: home/tree/data/alpha.txt home/tree/data/beta.txt
// expect: escapes
// outside: late.py

#include "common.h"

static void order(char *sock, char *what) {
    struct sockaddr_un a = {.sun_family = AF_UNIX}; strncpy(a.sun_path, sock, 107);
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    if (say(sock, connect(s, (void *)&a, sizeof a)) == 0) write(s, what, strlen(what) + 1);
    close(s);
}
int main(void) {
    start();
    close(open("go", O_CREAT | O_EXCL | O_WRONLY, 0644));
    struct stat s; for (int i = 0; i < 100 && stat(at("BASE", "helper/late"), &s); i++) usleep(30000);
    order(at("BASE", "home/late.sock"), at("HOME", "tree/data/alpha.txt"));
    order(at("BASE", "helper/late.sock"), at("HOME", "tree/data/beta.txt"));
    sleep(1);
}
