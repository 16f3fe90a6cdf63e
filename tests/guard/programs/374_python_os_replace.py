#!/usr/bin/env python3
# what: an atomic checkpoint replacement over an old checkpoint
# target: home/tree/run/exp1/ckpt_1.pt
# expect: destroys

print('START', flush=True)
import os
with open("run/exp1/tmp.pt", "wb") as f:
    f.write(b"new checkpoint" * 1000)
    os.fsync(f.fileno())
os.replace("run/exp1/tmp.pt", "run/exp1/ckpt_1.pt")
