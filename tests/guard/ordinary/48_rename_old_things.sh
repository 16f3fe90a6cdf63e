#!/bin/bash
# what: old files and directories renamed to free names inside the tree, and copied

set -u
mv -n notes.txt notes_old.txt; mv -n docs archive_docs; mkdir -p _archive && mv -n run/exp2 _archive/; git mv 2>/dev/null; python3 -c 'import os; os.rename("data/alpha.txt", "data/alpha_1.txt"); os.renames("site/style.css", "style/new/style.css")'; ls; ls archive_docs _archive data style/new; head -1 notes_old.txt
