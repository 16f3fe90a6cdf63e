#!/bin/bash
# what: in-place edits by programs: r+, mmap, append, json rewrite of old files

set -u
python3 - <<'P'
import json, mmap, os
with open("data/alpha.txt", "r+") as f: f.write("EDITED"); f.seek(0, 2); f.write("end\n")
with open("data/small.bin", "r+b") as f, mmap.mmap(f.fileno(), 0) as m: m[0:4] = b"MMAP"
with open("run/exp1/train.log", "a") as f: f.write("step 1\n")
with open("config.yaml", "w") as f: json.dump({"rewritten": True}, f)
fd = os.open("data/beta.txt", os.O_RDWR); os.pwrite(fd, b"PW", 10); os.ftruncate(fd, 500)
print(open("data/alpha.txt").readline().strip(), os.stat("data/beta.txt").st_size, open("config.yaml").read())
P
tail -1 run/exp1/train.log; head -c 4 data/small.bin; echo
