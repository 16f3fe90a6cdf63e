#!/bin/bash
# what: a daemon that writes after its parent has gone

set -u
python3 - <<'P'
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    time.sleep(0.4); open("daemon.txt", "w").write("daemon was here\n"); os._exit(0)
P
(sleep 0.3; echo later > later.txt) & disown
for i in $(seq 30); do [ -s daemon.txt ] && [ -s later.txt ] && break; sleep 0.1; done; cat daemon.txt later.txt
