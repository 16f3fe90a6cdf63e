#!/bin/bash
# what: patch, script(1), curl -o file://, openssl and gcc -o over old files
# target: home/tree/notes.txt
# expect: destroys
# needs: patch

echo START
printf -- '--- notes.txt\n+++ notes.txt\n@@ -1,2 +1,1 @@\n notes.txt line 0 of the file that existed before\n-notes.txt line 1 of the file that existed before\n' | patch -s --no-backup-if-mismatch notes.txt
curl -s -o data/beta.txt "file://$TREE/script.py"
script -q -c true run/exp1/train.log >/dev/null
echo 'int main(void){return 0;}' > m.c && gcc -o data/small.bin m.c
sort -o data/gamma.csv -r data/gamma.csv
true
