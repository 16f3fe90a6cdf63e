#!/usr/bin/env python3
# what: fileinput with inplace, which renames and unlinks a backup
# target: home/tree/notes.txt
# expect: destroys

print('START', flush=True)
import fileinput
for line in fileinput.input("notes.txt", inplace=True):
    if "line 3 " in line:
        print("changed")
