#!/usr/bin/env python3
# what: a user unit, new, changed and enabled
# target: home/.config/systemd/user/x.service home/.config/systemd/user/present.service home/.config/systemd/user/default.target.wants/x.service
# expect: plants

print('START', flush=True)
import os
u = os.path.join(os.environ["HOME"], ".config/systemd/user")
def attempt(f):
    try:
        f()
    except OSError as e:
        print(e)
text = "[Service]\n# PLANTED-BY-PROGRAM\nExecStart=/bin/true\n"
attempt(lambda: open(u + "/x.service", "x").write(text))
attempt(lambda: open(u + "/present.service", "w").write(text))
attempt(lambda: os.mkdir(u + "/default.target.wants"))
attempt(lambda: os.symlink("../x.service", u + "/default.target.wants/x.service"))
