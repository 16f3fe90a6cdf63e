#!/bin/bash
# what: vim -es and ed that empty a file and write it
# target: home/tree/notes.txt home/tree/config.yaml
# expect: destroys
# needs: vim ed

echo START
vim -es -u NONE -c '%d|wq' notes.txt </dev/null
printf '%s\n' ',d' a new . w q | ed -s config.yaml
vim -es -u NONE -c 'call delete("data/alpha.txt")' -c 'q!' </dev/null
true
