// what: the same socket by a relative path, by an own symlink, by /proc/self/fd and by a hard link
// target: home/tree/data/alpha.txt
// expect: escapes
// outside: deleter.py stream

#include "common.h"

int main(void) {
    start();
    struct sockaddr_un a = {AF_UNIX}; char *o = at("TREE", ALPHA), names[4][100];
    symlink(getenv("HELPER"), "mine.sock"); link(getenv("HELPER"), "hard.sock");
    sprintf(names[0], "mine.sock"); sprintf(names[1], "../../helper/sock"); sprintf(names[2], "/proc/self/fd/%d", open(getenv("HELPER"), O_PATH)); sprintf(names[3], "hard.sock");
    for (int i = 0; i < 4; i++) {
        strcpy(a.sun_path, names[i]);
        int s = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); say(names[i], connect(s, (void *)&a, sizeof a));
        send(s, o, strlen(o), MSG_NOSIGNAL);
    }
}
