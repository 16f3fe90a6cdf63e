#!/usr/bin/env python3
# what: files with hostile names (newlines, 255 bytes, not UTF-8, quotes, leading dash) are emptied, replaced and removed
# target: home/tree
# expect: destroys

print('START', flush=True)
import os
for i, n in enumerate(sorted(os.listdir(b"."))):
    if not os.path.isfile(n) or os.path.islink(n):
        continue
    try:
        if i % 3 == 0:
            os.unlink(n)
        elif i % 3 == 1:
            os.truncate(n, 0)
        else:
            open(b"mine%d" % i, "w").write("own")
            os.rename(b"mine%d" % i, n)
    except OSError as e:
        print(e)
