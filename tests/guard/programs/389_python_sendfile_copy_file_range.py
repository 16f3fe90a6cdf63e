#!/usr/bin/env python3
# what: os.copy_file_range, os.sendfile and os.posix_fallocate, os.pwritev on old files
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import os
a, b = os.open("data/beta.txt", os.O_RDONLY), os.open("data/alpha.txt", os.O_RDWR)
os.copy_file_range(a, b, 100, 0, 0)
os.sendfile(os.open("data/gamma.csv", os.O_WRONLY), a, 0, 100)
os.pwritev(os.open("notes.txt", os.O_RDWR), [b"XX", b"YY"], 5)
