#!/usr/bin/env python3
# what: a FIFO outside whose reader deletes what it is told
# target: home/tree/data/alpha.txt
# expect: escapes
# outside: victim.py fifo

print('START', flush=True)
import os
fd = os.open(os.environ["HELPER"], os.O_WRONLY | os.O_NONBLOCK)
os.write(fd, os.path.join(os.environ["TREE"], "data/alpha.txt").encode() + b"\n")
