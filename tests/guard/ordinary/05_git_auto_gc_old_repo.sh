#!/bin/bash
# what: git's own gc, when it decides by itself, in a repository with many loose objects
# needs: git
# ignore: repo/.git/objects repo/.git/gc.log repo/.git/info/refs

set -u
cd repo
for i in $(seq 30); do echo $i > f$i; done; git add f*; git commit -qm many
git -c gc.auto=1 -c gc.autoDetach=false -c gc.autoPackLimit=1 gc --auto -q
git fsck --no-progress; git log --oneline | cat; git count-objects | grep -c objects; git show HEAD~1:tracked.txt | tail -1
