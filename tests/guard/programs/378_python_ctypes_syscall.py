#!/usr/bin/env python3
# what: ctypes: libc.syscall, libc.unlink, libc.truncate
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall(263, -100, b"data/alpha.txt", 0), libc.truncate(b"data/beta.txt", ctypes.c_long(0)), libc.unlink(b"data/gamma.csv"))
