#!/bin/bash
# what: tar: create, list, extract into a fresh directory, extract over existing files
# needs: tar

set -u
tar --sort=name --mtime=@1577934245 -cf a.tar docs data links; tar -tf a.tar | sort | head -20
mkdir fresh && tar -C fresh -xf a.tar && diff -r docs fresh/docs && echo same
sed -i 's/line/changed/' docs/guide.txt; head -1 docs/guide.txt; tar -xf a.tar; head -1 docs/guide.txt; tar -czf b.tgz docs && tar -xzf b.tgz -O docs/guide.txt | tail -1
