#!/bin/bash
# what: git init and git clone outside
# target: outside/r
# expect: writes-outside
# needs: git

echo START
git init -q "$OUTSIDE/r"
git clone -q repo "$OUTSIDE/clone"
git -C repo worktree add -q "$OUTSIDE/wt" topic
true
