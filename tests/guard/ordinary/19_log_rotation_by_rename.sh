#!/bin/bash
# what: a log that is rotated by rename to free names while it is written

set -u
for r in 1 2 3; do for i in $(seq 20); do echo "round $r line $i" >> out.log; done; [ -e out.log.$((4 - r)) ] || mv -n out.log out.log.$((4 - r)); done
python3 - <<'P'
import logging, logging.handlers
h = logging.handlers.RotatingFileHandler("py.log", maxBytes=200, backupCount=3)
l = logging.getLogger("x"); l.addHandler(h)
for i in range(60): l.warning("record %03d", i)
h.close()
P
ls out.log* py.log*; wc -l out.log.1; tail -1 py.log
