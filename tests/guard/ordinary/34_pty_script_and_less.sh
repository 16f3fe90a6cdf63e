#!/bin/bash
# what: script(1), less, python's pty and stty on a terminal of the session
# needs: script less

set -u
script -q -e -c 'tty >/dev/null && echo on a terminal; stty size >/dev/null && echo sized' "$TMPDIR/typescript" | tr -d '\r'
less -FX notes.txt </dev/null | head -1
python3 - <<'P'
import os, pty
out = []
pty.spawn(["sh", "-c", "test -t 0 && echo tty; echo to the terminal > /dev/tty"], lambda fd: (out.append(os.read(fd, 1000)) or out[-1]), lambda fd: b"")
P
