#!/bin/bash
# what: O_TMPFILE with linkat, openat with descriptors, renameat2 NOREPLACE and EXCHANGE of own files

set -u
python3 - <<'P'
import os, ctypes
L = ctypes.CDLL(None, use_errno=True)
fd = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o644); os.write(fd, b"anonymous"); os.link("/proc/self/fd/%d" % fd, "named", src_dir_fd=0, follow_symlinks=True); print(open("named").read())
os.mkdir("d"); d = os.open("d", os.O_RDONLY); f = os.open("in", os.O_CREAT | os.O_WRONLY, dir_fd=d); os.write(f, b"1"); os.mkdir("sub", dir_fd=d); os.rename("in", "sub/in", src_dir_fd=d, dst_dir_fd=d); print(os.listdir("d/sub"))
open("a", "w").write("A"); open("b", "w").write("B"); print(L.renameat2(-100, b"a", -100, b"b", 1), ctypes.get_errno()); print(L.renameat2(-100, b"a", -100, b"b", 2), open("a").read())
os.symlink("a", "s"); print(os.readlink("s"), os.stat("s").st_size); os.unlink("s"); print(os.path.lexists("s")); os.truncate("a", 0); print(os.stat("a").st_size)
fd = os.open("/proc/self/fd/%d" % os.open("b", os.O_RDONLY), os.O_WRONLY | os.O_APPEND); os.write(fd, b"more"); print(open("b").read())
P
