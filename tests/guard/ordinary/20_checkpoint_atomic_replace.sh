#!/bin/bash
# what: two hundred atomic checkpoint replacements, and old checkpoints of one's own removed

set -u
python3 - <<'P'
import os
os.mkdir("ck")
for i in range(200):
    with open("ck/tmp", "wb") as f:
        f.write(b"%06d" % i * 1000); f.flush(); os.fsync(f.fileno())
    os.replace("ck/tmp", "ck/latest")
    os.link("ck/latest", "ck/step%d" % i) if i % 20 == 0 else None
    if i >= 60 and i % 20 == 0: os.unlink("ck/step%d" % (i - 60))
print(sorted(os.listdir("ck")), open("ck/latest", "rb").read(6))
P
