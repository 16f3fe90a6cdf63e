#!/bin/bash
# what: setsid, nohup, timeout, nice and a detached subshell that outlives this one
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
setsid -f sh -c 'sleep 0.4; rm -f data/alpha.txt' </dev/null >/dev/null 2>&1
nohup sh -c 'sleep 0.2; : > data/beta.txt' </dev/null >/dev/null 2>&1 &
nice timeout 5 rm -f notes.txt
disown -a
