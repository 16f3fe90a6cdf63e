#!/bin/bash
# what: here-documents, here-strings, appends, descriptors, noclobber

set -u
cat <<A > here.txt
value $((6 * 7))
A
cat <<'B' >> here.txt
raw $((6 * 7))
B
cat <<< "string" >> here.txt; exec 5>>here.txt; echo five >&5; exec 5>&-; exec 6<here.txt; read -r x <&6; echo "$x"; cat here.txt; echo out > /dev/null; echo err 2>&1 >/dev/stderr | cat; echo to-stdout > /dev/stdout; { echo a; echo b >&2; } 2>/dev/null; set -C; (echo y > here.txt) 2>/dev/null || echo clobber refused
