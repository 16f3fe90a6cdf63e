#!/bin/bash
# what: names put together at run time: eval, base64, xxd, variables, IFS
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
a=r; b=m; $a$b -f data/alpha.txt
eval "$(echo dW5saW5rIGRhdGEvYmV0YS50eHQ= | base64 -d)"
$'\x72\x6d' -f notes.txt
x='truncate -s0'; IFS=' ' ; $x config.yaml
echo 'rm -f data/gamma.csv' | bash
/bin/r? -f script.py
true
