#!/bin/bash
# what: git branch -D, stash drop, reflog expire, gc --prune=now
# target: home/tree/repo/.git
# expect: destroys
# needs: git

echo START
cd repo
git stash -q -u; git stash drop -q
git branch -q -D topic
git reflog expire --expire=now --all
git gc -q --prune=now
true
