#!/usr/bin/env python3
# what: a tree is rewritten, then shutil.rmtree on the store with modes forced open
# target: home/tree/data
# expect: destroys

print('START', flush=True)
import os, shutil
for n in os.listdir("data"):
    try:
        open("data/" + n, "w").close()
    except OSError as e:
        print(e)
top = os.path.join(os.environ["HOME"], ".hlrp")
for d, dirs, files in os.walk(top):
    for n in dirs + files:
        try:
            os.chmod(os.path.join(d, n), 0o777)
        except OSError as e:
            print(e)
shutil.rmtree(top, ignore_errors=True)
