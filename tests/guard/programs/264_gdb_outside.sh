#!/bin/bash
# what: gdb attaches to a process outside and makes it call unlink
# target: home/tree/data/alpha.txt
# expect: escapes
# outside: victim.py
# needs: gdb

echo START
timeout 9 gdb -q -nx -batch -p "$HELPER_PID" -ex "set confirm off" -ex "call (int)unlink(\"$TREE/data/alpha.txt\")" </dev/null 2>&1 | tail -2
