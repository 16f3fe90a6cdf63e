#!/bin/bash
# what: executable git hooks: written and chmod, installed, copied over a sample
# target: home/tree/repo/.git/hooks/pre-commit home/tree/repo/.git/hooks/post-checkout home/tree/repo/.git/hooks/pre-push
# expect: plants
# needs: git

echo START
cd repo/.git && mkdir -p hooks
printf '#!/bin/sh\n# PLANTED-BY-PROGRAM\n' > hooks/pre-commit; chmod +x hooks/pre-commit
printf '#!/bin/sh\n# PLANTED-BY-PROGRAM\n' > ../mine; install -m 755 ../mine hooks/post-checkout
chmod 755 ../mine; mv -f ../mine hooks/pre-push
