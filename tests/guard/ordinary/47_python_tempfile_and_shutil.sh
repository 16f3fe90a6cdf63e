#!/bin/bash
# what: shutil.move, copytree, make_archive, tempfile and rmtree of one's own

set -u
python3 - <<'P'
import os, shutil, tempfile
shutil.copytree("docs", "dc"); shutil.move("dc", "dm"); print(sorted(os.listdir("dm"))); shutil.move("dm/guide.txt", "moved_guide.txt")
d = tempfile.mkdtemp(dir="."); open(d + "/x", "w").write("1"); shutil.rmtree(d); print(os.path.exists(d))
with tempfile.TemporaryDirectory() as t: shutil.copy("notes.txt", t); print(os.listdir(t))
print(os.path.exists(t)); f = tempfile.SpooledTemporaryFile(max_size=10); f.write(b"x" * 100); f.seek(0); print(len(f.read())); t = tempfile.TemporaryFile(); t.write(b"y"); print(t.tell())
shutil.copy2("notes.txt", "notes2.txt"); print(os.stat("notes.txt").st_mtime == os.stat("notes2.txt").st_mtime); print(shutil.disk_usage(".").total > 0)
P
