#!/bin/bash
# what: tar --overwrite, --unlink-first, --recursive-unlink, --remove-files
# target: home/tree/docs/guide.txt
# expect: destroys
# needs: tar

echo START
mkdir -p n/docs && echo new > n/docs/guide.txt && echo new > n/docs/readme.md
tar -C n -cf a.tar docs/guide.txt && tar --overwrite -xf a.tar
tar -C n -cf b.tar docs/readme.md && tar --unlink-first -xf b.tar
tar --remove-files -cf c.tar data
true
