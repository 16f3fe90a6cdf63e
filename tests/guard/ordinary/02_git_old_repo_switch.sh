#!/bin/bash
# what: git switch, commit and merge in a repository that existed before
# needs: git

set -u
cd repo
git status --short
git add tracked.txt untracked.txt && git commit -qm 'keep the work'
git switch -q topic; ls; git log --oneline | cat
git switch -q main; git merge -q -m merge topic; git log --oneline --graph | cat; git status --short; cat topic.txt | head -3
