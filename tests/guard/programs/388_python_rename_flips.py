#!/usr/bin/env python3
# what: old directories are renamed, emptied under the other name, and renamed back
# target: home/tree/data
# expect: destroys

print('START', flush=True)
import os
os.rename("data", "data_")
for n in os.listdir("data_"):
    try:
        os.unlink(os.path.join("data_", n))
    except OSError as e:
        print(e)
os.rename("data_", "data")
