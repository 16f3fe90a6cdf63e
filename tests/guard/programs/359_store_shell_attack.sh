#!/bin/bash
# what: rm -rf, mv, chmod, find -delete and shred on the store from a shell
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
: > data/alpha.txt
s="$HOME/.hlrp"
chmod -R u+rwx "$s"
find "$s" -type f -exec shred -u {} +
find "$s" -delete
mv "$s" "$s.bak" && rm -rf "$s.bak"
rm -rf "$s"
true
