#!/bin/bash
# what: git reset --hard, clean -fdx, checkout -f, rm -f
# target: home/tree/repo
# expect: destroys
# needs: git

echo START
cd repo
git reset -q --hard
git clean -qfdx
git rm -q -f tracked.txt
true
