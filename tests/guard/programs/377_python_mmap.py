#!/usr/bin/env python3
# what: mmap.mmap and a slice assignment
# target: home/tree/data/small.bin
# expect: destroys

print('START', flush=True)
import mmap
with open("data/small.bin", "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
    m[100:200] = bytes(100)
