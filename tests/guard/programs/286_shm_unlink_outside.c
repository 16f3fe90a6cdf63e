// what: shm_unlink of an object of a process outside
// target: helper
// expect: escapes
// outside: victim.py shm
// watch: shm

#include "common.h"

int main(void) { start(); char n[200]; sprintf(n, "/%s", getenv("HELPER_SHM")); return say("shm_unlink", shm_unlink(n)) != 0; }
