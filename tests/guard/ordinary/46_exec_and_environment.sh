#!/bin/bash
# what: exec, env, scripts with interpreter lines, /proc/self, command substitution, subshells

set -u
printf '#!/usr/bin/env python3\nprint("script")\n' > s.py; chmod +x s.py; ./s.py; printf '#!/bin/sh\necho "$0" "$@"\n' > s.sh; chmod 755 s.sh; ./s.sh a b; env -i A=1 sh -c 'echo $A'; x=$(exec sh -c 'echo substituted'); echo $x; basename "$(readlink /proc/self/exe)"; readlink /proc/self/cwd | sed "s#$TREE#TREE#"; (cd docs && ls); bash -c 'exec -a named sh -c "echo \$0"'; id -u >/dev/null && echo id; getent passwd root | cut -d: -f1; ls /proc/self/fd | wc -l | grep -c .; uname -s; date -d @0 +%Y; echo $((RANDOM >= 0))
