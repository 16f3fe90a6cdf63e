#!/bin/bash
# what: mv onto old files and directories
# target: home/tree/data/alpha.txt
# expect: destroys

echo START
mv data/beta.txt data/alpha.txt
mv -f notes.txt config.yaml
mkdir mine && mv -T mine empty_dir
true
