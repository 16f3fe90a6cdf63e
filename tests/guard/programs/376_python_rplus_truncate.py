#!/usr/bin/env python3
# what: open with "r+", seek, write and truncate
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
with open("data/alpha.txt", "r+") as f:
    f.seek(20)
    f.write("XXXX")
    f.truncate()
