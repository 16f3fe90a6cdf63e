#!/usr/bin/env python3
# what: a NamedTemporaryFile whose name is changed to an old file's, deleted when it is closed
# target: home/tree/notes.txt
# expect: destroys

print('START', flush=True)
import tempfile
t = tempfile.NamedTemporaryFile(dir=".", delete=True)
t._closer.name = "notes.txt"
t.close()
d = tempfile.TemporaryDirectory(dir=".")
import os
os.rename("docs", os.path.join(d.name, "docs"))
d.cleanup()
