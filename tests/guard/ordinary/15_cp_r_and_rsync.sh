#!/bin/bash
# what: cp -r, cp -a, cp -n, rsync to a fresh place, again, and over changed files without deletion
# needs: rsync

set -u
cp -r docs docs2 && cp -a links links2 && cp -n notes.txt config.yaml; find docs2 links2 | sort
rsync -a site/ site2/; rsync -a site/ site2/; echo changed >> site/index.html; rsync -a -c site/ site2/; diff -r site site2 && echo same; rsync -a --inplace site/style.css site2/style2.css; rsync -ac docs/ site2/; ls site2
