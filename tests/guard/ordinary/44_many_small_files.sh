#!/bin/bash
# what: two thousand files made, read, renamed and, being one's own, removed by a program

set -u
python3 - <<'P'
import os, shutil, hashlib
for i in range(2000):
    d = "ms/%02d" % (i % 40); os.makedirs(d, exist_ok=True)
    with open("%s/f%d" % (d, i), "w") as f: f.write("x" * (i % 97))
for i in range(0, 2000, 3): os.rename("ms/%02d/f%d" % (i % 40, i), "ms/%02d/g%d" % (i % 40, i))
h = hashlib.sha256()
for d, s, fs in sorted(os.walk("ms")):
    for f in sorted(fs): h.update(f.encode() + open(os.path.join(d, f), "rb").read())
print(h.hexdigest()); shutil.rmtree("ms/00"); print(len(os.listdir("ms")))
P
