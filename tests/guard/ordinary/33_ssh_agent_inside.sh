#!/bin/bash
# what: an ssh-agent of the session: add, list, sign, end
# needs: ssh-agent ssh-add ssh-keygen
# ignore: k k.pub

set -u
eval "$(ssh-agent -a "$TMPDIR/agent.sock")" >/dev/null; ssh-keygen -q -t ed25519 -N '' -C agentkey -f k; ssh-add -q k 2>/dev/null; ssh-add -l | awk '{ print $1, $3 }'; ssh-agent -k >/dev/null; echo ended
