#!/bin/bash
# what: diff, patch with a backup and in place, cmp, comm, join
# needs: patch

set -u
cp docs/guide.txt new.txt; sed -i '3s/line/LINE/;10d' new.txt; diff -u --label a --label b docs/guide.txt new.txt > p.diff; wc -l < p.diff
patch -s docs/guide.txt p.diff && cmp docs/guide.txt new.txt && echo patched; patch -s -R -b docs/guide.txt p.diff; ls docs; comm -12 <(sort new.txt) <(sort docs/guide.txt) | wc -l
