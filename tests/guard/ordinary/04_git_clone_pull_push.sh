#!/bin/bash
# what: git clone, push, fetch and pull between a bare repository and clones
# needs: git

set -u
git clone -q --bare repo bare.git && git clone -q bare.git one && git clone -q bare.git two
cd one; echo one > one.txt; git add .; git commit -qm one; git push -q origin main
cd ../two; git pull -q --ff-only; echo two > two.txt; git add .; git commit -qm two; git push -q
cd ../one; echo three > three.txt; git add .; git commit -qm three; git pull -q --rebase; git log --oneline --graph | cat; ls
