#!/bin/bash
# what: sed -i, sed w, awk redirection, perl -pi, ed and ex over old files
# target: home/tree/notes.txt
# expect: destroys

echo START
sed -i 's/line/LINE/' notes.txt
sed -n 'w config.yaml' script.py
awk 'BEGIN { print "x" > "data/gamma.csv" }'
sed -i d data/alpha.txt
true
