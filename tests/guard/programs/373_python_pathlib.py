#!/usr/bin/env python3
# what: pathlib: unlink, write_text, rename, replace
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
from pathlib import Path
for f in (lambda: Path("data/alpha.txt").unlink(), lambda: Path("data/beta.txt").write_text("x"), lambda: Path("notes.txt").replace("config.yaml"), lambda: Path("empty_dir").rmdir()):
    try:
        f()
    except OSError as e:
        print(e)
