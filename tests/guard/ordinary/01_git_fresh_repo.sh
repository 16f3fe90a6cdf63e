#!/bin/bash
# what: git in a repository made here: init, commit, branch, switch, merge, tag, log, fsck
# needs: git

set -u
git init -q -b main r && cd r
for i in 1 2 3 4 5; do echo "line $i" >> a.txt; git add a.txt; git commit -qm "commit $i"; done
git switch -qc side HEAD~2; echo side > b.txt; git add b.txt; git commit -qm side
git switch -q main; git merge -q -m merge side; git tag -a v1 -m v1
git log --oneline --graph; git status --short; git fsck --no-progress; git diff HEAD~1 --stat; cat a.txt b.txt
