#!/bin/bash
# what: vim -es: edit and write old and new files, with a backup and with backupcopy
# needs: vim

set -u
vim -es -u NONE -c '%s/line/LINE/g' -c wq notes.txt </dev/null; head -2 notes.txt
vim -es -u NONE -c 'set backup writebackup backupcopy=no' -c '1s/^/first /' -c wq data/alpha.txt </dev/null; head -1 data/alpha.txt; ls data
vim -es -u NONE -c 'set backupcopy=yes' -c '$put =\"appended\"' -c wq data/beta.txt </dev/null; tail -1 data/beta.txt
vim -es -u NONE -c 'put =\"new file\"' -c 'wq' fresh.txt </dev/null; cat fresh.txt
