#!/bin/bash
# what: dash: redirections and rm
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
dash -c 'rm -f data/alpha.txt; : > data/beta.txt; exec 5<>notes.txt; echo XXXXX >&5'
