#!/usr/bin/env python3
# what: the store's directories are filled with guesses of the next names, files, directories and symlinks, before and between removals
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import os
top = os.path.join(os.environ["HOME"], ".hlrp/retained")
def attempt(f, *a):
    try:
        return f(*a)
    except OSError as e:
        return None
def fill():
    for d, dirs, files in list(os.walk(top)):
        attempt(os.chmod, d, 0o777)
        for n in ("alpha.txt", "0", "1", "2", "00000001", "alpha.txt.1", "data"):
            attempt(os.symlink, os.environ["OUTSIDE"] + "/outside.txt", os.path.join(d, n))
            attempt(os.mkdir, os.path.join(d, n + ".d"))
            attempt(lambda: open(os.path.join(d, n + ".new"), "w"))
            attempt(os.link, "notes.txt", os.path.join(d, n + "_"))
fill()
attempt(os.truncate, "data/alpha.txt", 0)
fill()
attempt(os.unlink, "data/beta.txt")
open("mine", "w").write("own")
attempt(os.replace, "mine", "data/gamma.csv")
