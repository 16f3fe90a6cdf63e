#!/usr/bin/env python3
# what: tempfile, shutil, sqlite3 and pathlib outside
# target: outside
# expect: writes-outside

print('START', flush=True)
import os, pathlib, shutil, sqlite3, tempfile
out = os.environ["OUTSIDE"]
def attempt(f):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
attempt(lambda: tempfile.NamedTemporaryFile(dir=out, delete=False).write(b"x"))
attempt(lambda: shutil.copytree("docs", out + "/docs"))
attempt(lambda: sqlite3.connect(out + "/new.db").execute("create table t(a)"))
attempt(lambda: pathlib.Path(out, "second.txt").write_text("other"))
attempt(lambda: shutil.move(out + "/dir", "moved"))
attempt(lambda: os.truncate(out + "/outside.txt", 0))
