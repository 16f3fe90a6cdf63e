#!/bin/bash
# what: rm in its many forms
# target: home/tree/data
# expect: destroys

echo START
rm -f data/alpha.txt
rm -rf docs "name with spaces.txt"
/bin/rm -- -dash.txt
command rm -r run/exp2
\rm data/beta.txt
env rm -f $'new\nline.txt'
true
