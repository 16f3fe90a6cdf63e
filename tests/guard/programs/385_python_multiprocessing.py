#!/usr/bin/env python3
# what: a pool of processes unlinks and truncates
# target: home/tree/many
# expect: destroys

print('START', flush=True)
import multiprocessing, os
def go(i):
    try:
        os.unlink("many/f%03d" % i) if i % 2 else os.truncate("many/f%03d" % i, 0)
    except OSError:
        pass
if __name__ == "__main__":
    with multiprocessing.Pool(8) as p:
        p.map(go, range(200))
