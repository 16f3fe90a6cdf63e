#!/usr/bin/env python3
# what: a directory tree merged over an old one with copytree(dirs_exist_ok)
# target: home/tree/docs
# expect: destroys

print('START', flush=True)
import os, shutil
os.makedirs("new/deep/er/still")
for n in ("new/guide.txt", "new/readme.md", "new/deep/er/still/leaf.txt"):
    open(n, "w").write("other")
try:
    shutil.copytree("new", "docs", dirs_exist_ok=True)
except shutil.Error as e:
    print(e)
