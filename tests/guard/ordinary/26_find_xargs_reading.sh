#!/bin/bash
# what: find, xargs, grep -r, du, wc, sha256sum over the whole tree

set -u
find . -path ./repo -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; find . -newermt 2030-01-01 -path './data/*'; grep -rl 'line 7 ' data docs | sort; find many -name 'f1*' | xargs -P4 -n5 cat | sort | sha256sum; find . -type l | sort; ls -la data | awk 'NR > 3 { print $1, $5, $9 }'
