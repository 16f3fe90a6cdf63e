#!/usr/bin/env python3
# what: os.remove, os.unlink with dir_fd, os.rmdir, os.removedirs
# target: home/tree/data/alpha.txt home/tree/empty_dir
# expect: destroys

print('START', flush=True)
import os
for f in (lambda: os.remove("data/alpha.txt"), lambda: os.unlink("beta.txt", dir_fd=os.open("data", os.O_RDONLY)), lambda: os.rmdir("empty_dir"), lambda: os.removedirs("sub/with/empty/end")):
    try:
        f()
    except OSError as e:
        print(e)
