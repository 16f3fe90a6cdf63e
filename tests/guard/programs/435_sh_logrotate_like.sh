#!/bin/bash
# what: a rotation that drops the oldest log and copy-truncates the newest
# target: home/tree/log/app.log.2
# expect: destroys

echo START
mv -f log/app.log.1 log/app.log.2
cp log/app.log log/app.log.1
: > log/app.log
