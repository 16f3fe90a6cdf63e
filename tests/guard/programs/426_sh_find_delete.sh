#!/bin/bash
# what: find -delete, -exec rm, -execdir, xargs rm
# target: home/tree/many
# expect: destroys

echo START
find many -name 'f00*' -delete
find many -name 'f01*' -exec rm {} +
find many -name 'f02*' -execdir unlink {} \;
find many -name 'f03*' -print0 | xargs -0 rm -f
find . -type d -empty -delete
true
