#!/bin/bash
# what: ln -sf, ln -sfn and ln -f over old names
# target: home/tree/links/sym_file home/tree/data/alpha.txt
# expect: destroys

echo START
ln -sf elsewhere links/sym_file
ln -sfn elsewhere links/sym_dir
ln -f data/beta.txt data/alpha.txt
ln -sf x notes.txt
true
