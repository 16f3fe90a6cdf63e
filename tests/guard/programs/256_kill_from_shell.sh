#!/bin/bash
# what: bash's kill, and python's os.kill, of a process outside
# target: helper
# expect: escapes
# outside: victim.py

echo START
python3 -c 'import os, signal; os.kill(int(os.environ["HELPER_PID"]), signal.SIGKILL)'
kill -9 "$HELPER_PID"
