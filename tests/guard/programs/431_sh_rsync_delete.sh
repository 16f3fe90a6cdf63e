#!/bin/bash
# what: rsync --delete, --remove-source-files, --inplace
# target: home/tree/data
# expect: destroys
# needs: rsync

echo START
mkdir empty_source && echo 1 > empty_source/alpha.txt
rsync -a --delete empty_source/ data/
rsync -a --inplace --ignore-times script.py notes.txt
rsync -a --remove-source-files site/ elsewhere/
true
