#!/bin/bash
# what: a tmux server outside: run-shell, new-window and send-keys
# target: home/tree/data/alpha.txt
# expect: escapes
# outside: tmux_server.py
# needs: tmux

echo START
tmux -S "$HELPER" run-shell "rm -f '$TREE/data/alpha.txt'"
tmux -S "$HELPER" new-window -d "rm -f '$TREE/data/beta.txt'"
tmux -S "$HELPER" send-keys "rm -f '$TREE/data/gamma.csv'" Enter
sleep 0.5
