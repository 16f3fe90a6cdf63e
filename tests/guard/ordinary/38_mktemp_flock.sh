#!/bin/bash
# what: mktemp, flock between processes, lock files by O_EXCL and by link

set -u
t=$(mktemp); [ -f "$t" ] && stat -c %a "$t"; d=$(mktemp -d); stat -c %a "$d"; mktemp -p . -u keep.XXXX | wc -c
echo 0 > n; for i in $(seq 20); do (flock 9; v=$(cat n); python3 -c "open('n','w').write('$((v + 1))\n')") 9>lock & done; wait; cat n
(set -C; : > x.lock) && echo locked; (set -C; : > x.lock) 2>/dev/null || echo taken; ln notes.txt l.lock && echo linked
python3 -c 'import fcntl; f = open("lock", "r+"); fcntl.lockf(f, fcntl.LOCK_EX); print("lockf")'
