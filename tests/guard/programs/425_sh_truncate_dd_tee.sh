#!/bin/bash
# what: truncate, dd, tee, fallocate and split over old files
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
truncate -s 0 data/alpha.txt
dd if=/dev/zero of=data/small.bin bs=1k count=1 conv=notrunc status=none
dd if=/dev/zero of=data/beta.txt bs=1 count=1 status=none
echo x | tee notes.txt
fallocate -p -o 0 -l 65536 data/big.bin
true
