#!/bin/bash
# what: unlink(1), rmdir -p, rm -d
# target: home/tree/data/alpha.txt home/tree/empty_dir
# expect: destroys

echo START
unlink data/alpha.txt
rmdir empty_dir
rmdir -p sub/with/empty/end
rm -d empty_target
true
