#!/bin/bash
# what: ssh-keygen outside ~/.ssh, and a signature checked
# needs: ssh-keygen
# ignore: keys/*

set -u
mkdir keys && ssh-keygen -q -t ed25519 -N '' -C me -f keys/id && ls keys && stat -c %a keys/id && ssh-keygen -l -f keys/id | awk '{ print $1, $3, $4 }'
echo hello > keys/m; ssh-keygen -q -Y sign -f keys/id -n file keys/m 2>/dev/null; echo "me $(cat keys/id.pub)" > keys/allowed; ssh-keygen -Y verify -f keys/allowed -I me -n file -s keys/m.sig < keys/m | cut -d' ' -f1-2
