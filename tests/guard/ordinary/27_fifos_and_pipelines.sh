#!/bin/bash
# what: mkfifo, process substitution, tee, long pipelines

set -u
mkfifo p1 p2; (seq 1000 > p1) & (tee p2 < p1 | wc -l > lines) & wc -c < p2; wait; cat lines
diff <(sort data/alpha.txt) <(sort -r data/alpha.txt | sort) && echo equal; yes | head -c 5000000 | tr y n | sha256sum; seq 100000 | tee >(tail -1 > last.txt) | awk '{ s += $1 } END { print s }'; sleep 0.2; cat last.txt
