#!/bin/bash
# what: a tmux server started here: sessions, send-keys, capture-pane
# needs: tmux

set -u
export TMUX_TMPDIR="$TMPDIR"
tmux -L inner -f /dev/null new-session -d -s one -x 80 -y 24 'sh'
tmux -L inner send-keys -t one 'echo written in tmux > from_tmux.txt; echo "sum=$((40+2))"' Enter
for i in $(seq 50); do [ -s from_tmux.txt ] && tmux -L inner capture-pane -p -t one | grep -q "sum=42" && break; sleep 0.1; done
tmux -L inner capture-pane -p -t one | grep -c 'sum=42'; cat from_tmux.txt; tmux -L inner list-sessions -F '#S'; tmux -L inner kill-server; echo ended
