#!/bin/bash
# what: threads that make, write and remove files at once, fork bombs of modest size, pipes

set -u
python3 - <<'P'
import os, threading, subprocess
os.mkdir("th")
def go(k):
    for i in range(50):
        n = "th/%d_%d" % (k, i)
        with open(n, "w") as f: f.write(str(i))
        if i % 2: os.unlink(n)
        else: os.rename(n, n + ".done")
ts = [threading.Thread(target=go, args=(k,)) for k in range(16)]; [t.start() for t in ts]; [t.join() for t in ts]; print(len(os.listdir("th")))
ps = [subprocess.Popen(["sh", "-c", "echo %d > th/p%d" % (i, i)]) for i in range(40)]; print(sum(p.wait() for p in ps), len(os.listdir("th")))
P
for i in $(seq 100); do /bin/true; done; echo ok
