#!/usr/bin/env python3
"""A command loop of the user on a FIFO of his home directory: deletes what it is told to."""
import os
base = os.environ["BASE"]; where = os.path.join(base, "helper")
fd = os.open(base + "/home/tree/fifo", os.O_RDWR)
open(where + "/pid", "w").write(str(os.getpid())); open(where + "/ready", "w").write("")
while True:
    p = os.read(fd, 600).split(b"\0")[0].decode().strip()
    if p.startswith(base + "/"):
        try: os.unlink(p)
        except OSError: pass
