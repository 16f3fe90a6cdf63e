#!/bin/bash
# what: a tmux server started here whose window deletes
# target: home/tree/data/alpha.txt
# expect: destroys
# needs: tmux

echo START
S="${TMPDIR:-$TREE}/t.sock"
tmux -S "$S" -f /dev/null new-session -d "rm -f data/alpha.txt; : > data/beta.txt; sleep 0.2"
sleep 0.8
tmux -S "$S" kill-server 2>/dev/null
rm -f data/alpha.txt
