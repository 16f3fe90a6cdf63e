// what: open_by_handle_at with O_TRUNC
// target: home/tree/data/alpha.txt
// expect: destroys
// needs: cap_dac_read_search

#include "common.h"

int main(void) {
    start();
    union { struct file_handle h; char b[200]; } u = {.h.handle_bytes = 128};
    int id, fd = open(".", O_RDONLY);
    say("name", name_to_handle_at(AT_FDCWD, ALPHA, &u.h, &id, 0));
    return say("open", open_by_handle_at(fd, &u.h, O_WRONLY | O_TRUNC)) < 0;
}
