#!/bin/bash
# what: git worktree add, grep, blame, archive, bundle, notes, format-patch and am
# needs: git
# ignore: repo/.git/worktrees/wt/index repo/.git/ORIG_HEAD

set -u
cd repo
git worktree add -q ../wt topic; cat ../wt/topic.txt | wc -l; git grep -c line; git blame -s tracked.txt | head -2
git archive --format=tar HEAD | tar -t; git bundle create -q ../b.bundle main; git notes add -m note; git notes show
git format-patch -q -1 topic -o ../patches; git stash -q; git am -q ../patches/*.patch; git log --oneline | cat
