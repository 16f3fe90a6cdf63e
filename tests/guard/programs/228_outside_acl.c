// what: a POSIX ACL set on a file outside by setxattr
// target: outside/outside.txt
// expect: writes-outside
// needs: acl

#include "common.h"

int main(void) {
    start();
    unsigned char a[] = {2,0,0,0, 1,0,6,0,255,255,255,255, 2,0,7,0,1,0,0,0, 4,0,4,0,255,255,255,255, 16,0,7,0,255,255,255,255, 32,0,4,0,255,255,255,255};
    return say("acl", setxattr(at("OUTSIDE", "outside.txt"), "system.posix_acl_access", a, sizeof a, 0)) != 0;
}
