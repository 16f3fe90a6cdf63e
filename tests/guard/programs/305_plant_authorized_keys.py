#!/usr/bin/env python3
# what: ~/.ssh/authorized_keys, rc and environment
# target: home/.ssh/authorized_keys home/.ssh/rc home/.ssh/environment
# expect: plants

print('START', flush=True)
import os
s = os.path.join(os.environ["HOME"], ".ssh")
for name, how in (("authorized_keys", "a"), ("rc", "x"), ("environment", "w")):
    try:
        with open(os.path.join(s, name), how) as f:
            f.write("ssh-ed25519 AAAA PLANTED-BY-PROGRAM\n")
    except OSError as e:
        print(e)
