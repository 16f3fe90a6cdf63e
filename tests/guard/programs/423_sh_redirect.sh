#!/bin/bash
# what: : >, >|, exec 3>, here-documents and printf over old files
# target: home/tree/data/alpha.txt home/tree/data/beta.txt
# expect: destroys

echo START
: > data/alpha.txt
set -o noclobber; echo x >| data/beta.txt; set +o noclobber
exec 3> notes.txt; exec 3>&-
cat > config.yaml <<'X'
new
X
exec 4<> data/gamma.csv; printf 'XXXX' >&4
> run/exp1/train.log
