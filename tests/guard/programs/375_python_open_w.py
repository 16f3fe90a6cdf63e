#!/usr/bin/env python3
# what: open with "w", "wb+", and json.dump over old files
# target: home/tree/data/alpha.txt home/tree/run/exp1/metrics.jsonl
# expect: destroys

print('START', flush=True)
import json
open("data/alpha.txt", "w").close()
with open("data/small.bin", "wb+") as f:
    f.write(b"new")
with open("run/exp1/metrics.jsonl", "w") as f:
    json.dump({"loss": 1}, f)
