#!/bin/bash
# what: job control, traps, signals to one's own children, wait -n, nohup, setsid

set -u
set -m; sleep 30 & p=$!; kill -STOP $p; sleep 0.2; grep -c "^State:.*stopped" /proc/$p/status; kill -CONT $p; sleep 0.1; kill -TERM $p; sleep 0.1; set +m; wait $p 2>/dev/null; echo status $?
trap 'echo usr1' USR1; kill -USR1 $$; (trap 'echo child term; exit 3' TERM; sleep 1 & wait) & p=$!; sleep 0.2; kill $p; wait $p; echo $?
nohup sh -c 'echo from nohup' 2>/dev/null; setsid -w sh -c 'echo from setsid'; timeout 0.2 sleep 5; echo $?; (exit 4) & wait -n; echo $?; kill -0 $$ && echo alive
