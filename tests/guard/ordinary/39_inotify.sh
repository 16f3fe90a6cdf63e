#!/bin/bash
# what: inotify through python's ctypes: creation, writing and renaming are seen

set -u
python3 - <<'P'
import ctypes, os, struct
L = ctypes.CDLL(None); fd = L.inotify_init1(0o4000); os.mkdir("w"); L.inotify_add_watch(fd, b"w", 0x100 | 0x8 | 0x40 | 0x80)
open("w/a", "w").write("x"); os.rename("w/a", "w/b"); open("w/c", "w").close()
b = os.read(fd, 4096); o = 0
while o < len(b):
    wd, m, c, n = struct.unpack_from("iIII", b, o); print(hex(m), b[o + 16:o + 16 + n].rstrip(b"\0").decode()); o += 16 + n
P
