#!/bin/bash
# what: cp /dev/null, cp -f, cp --remove-destination, install
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
cp /dev/null data/alpha.txt
cp --remove-destination notes.txt data/beta.txt
cp -f script.py data/gamma.csv
install -m 600 notes.txt config.yaml
cp -rT docs site
true
