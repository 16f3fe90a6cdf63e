#!/bin/bash
# what: git stash, stash pop, rebase, commit --amend, cherry-pick in a repository that existed before
# needs: git

set -u
cd repo
git stash -q && git status --short && git stash list && git stash pop -q && git status --short
git commit -qam 'work'; git commit -q --amend -m 'work, amended'
git rebase -q topic; git log --oneline --graph | cat
git switch -qc pick HEAD~1; git cherry-pick main >/dev/null; git log -1 --format=%s%n%H; git revert --no-edit HEAD >/dev/null; git log -1 --format=%s
