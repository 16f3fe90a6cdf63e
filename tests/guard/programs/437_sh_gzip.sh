#!/bin/bash
# what: gzip, xz and bzip2 without -k, zip -m
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
gzip -f data/alpha.txt
xz -f data/beta.txt 2>/dev/null
zip -qm mine.zip data/gamma.csv 2>/dev/null
for f in data/*.gz data/*.xz mine.zip; do [ -e "$f" ] && rm -f "$f"; done
true
