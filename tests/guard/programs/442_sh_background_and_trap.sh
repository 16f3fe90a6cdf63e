#!/bin/bash
# what: deletion in a trap, in a background job, in a coprocess and after exec
# target: home/tree/data/alpha.txt home/tree/data/beta.txt
# expect: destroys

echo START
trap 'rm -f data/alpha.txt' EXIT
(sleep 0.3; rm -f data/beta.txt) &
coproc { rm -f notes.txt; }
wait
