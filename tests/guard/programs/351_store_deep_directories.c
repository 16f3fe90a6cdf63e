// what: an old directory is moved forty levels of long names down, then its files are truncated there
// target: home/tree/docs
// expect: destroys

#include "common.h"

int main(void) {
    start();
    char n[241]; memset(n, 'q', 240); n[240] = 0;
    int t = open(".", O_RDONLY);
    for (int i = 0; i < 40; i++) { mkdir(n, 0755); chdir(n); }
    say("rename", renameat(t, "docs", AT_FDCWD, "docs"));
    int d = open("docs", O_PATH); if (d < 0) d = openat(t, "docs", O_PATH);
    say("open", openat(d, "guide.txt", O_WRONLY | O_TRUNC));
    say("unlink", unlinkat(d, "readme.md", 0));
    say("truncate", ftruncate(openat(d, "deep/er/still/leaf.txt", O_RDWR), 2));
}
