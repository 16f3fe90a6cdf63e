#!/bin/bash
# what: sort -o onto its own input and an external sort with temporary files
# needs: sort

set -u
sort -r -o data/gamma.csv data/gamma.csv; head -2 data/gamma.csv
awk 'BEGIN { for (i = 0; i < 200000; i++) print (i * 7919) % 200003 }' > big.txt; sort -n -S 200k --parallel=2 big.txt -o sorted.txt; sha256sum sorted.txt; sort -n -u -m sorted.txt | wc -l; sort -c -n sorted.txt && echo sorted
