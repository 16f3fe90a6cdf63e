#!/bin/bash
# what: cp, mv, rm, touch, mkdir, ln, chmod and redirections outside
# target: outside/outside.txt outside/copy
# expect: writes-outside

echo START
cp notes.txt "$OUTSIDE/copy"
mv "$OUTSIDE/second.txt" "$OUTSIDE/third.txt"
rm -f ../../outside/held.txt
touch "$OUTSIDE/exec.sh"
mkdir "$OUTSIDE/newdir"
ln -s x links/sym_out/newlink
chmod 600 "$OUTSIDE/xattr.txt"
echo more >> "$OUTSIDE/outside.txt"
cd "$OUTSIDE" && : > dir/inner.txt
