#!/bin/bash
# what: ed, sed -i with a substitution, perl -pi, awk, in place
# needs: ed perl

set -u
printf '%s\n' '1s/notes/NOTES/' w q | ed -s notes.txt; sed -i 's/line 5/LINE FIVE/' data/alpha.txt; perl -pi -e 's/line 6/LINE SIX/' data/alpha.txt
perl -i.bak -pe 's/line 1 /ONE /' data/beta.txt; ls data; sed -n '5,8p' data/alpha.txt; awk '{ n += NF } END { print n }' data/*.txt; head -2 data/beta.txt notes.txt
