#!/bin/bash
# what: shred -u and shred -n1
# target: home/tree/private.txt
# expect: destroys
# needs: shred

echo START
shred -u private.txt
shred -n1 -z data/small.bin
true
