#!/usr/bin/env python3
# what: shutil.copyfile, copy2 and move onto old files
# target: home/tree/data/beta.txt home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import shutil
for f in (lambda: shutil.copyfile("data/gamma.csv", "data/alpha.txt"), lambda: shutil.move("notes.txt", "data/beta.txt"), lambda: shutil.copy2("script.py", "config.yaml")):
    try:
        f()
    except OSError as e:
        print(e)
