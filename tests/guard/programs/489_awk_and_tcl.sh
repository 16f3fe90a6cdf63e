#!/bin/bash
# what: awk's system and close, tclsh's file delete where it is installed
# target: home/tree/data/alpha.txt home/tree/notes.txt
# expect: destroys

echo START
awk 'BEGIN { system("rm -f data/alpha.txt"); print "x" > "data/beta.txt"; close("data/beta.txt") }'
command -v tclsh >/dev/null && echo 'catch {file delete -force notes.txt}; catch {set f [open config.yaml w]}' | tclsh
true
