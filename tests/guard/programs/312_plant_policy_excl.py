#!/usr/bin/env python3
# what: the policy by O_CREAT|O_EXCL in a directory made before, by a descriptor, and by rename
# target: home/.config/hlrp-sh/policy.toml
# expect: plants

print('START', flush=True)
import os
h = os.path.join(os.environ["HOME"], ".config")
def attempt(f):
    try:
        return f()
    except OSError as e:
        print(e)
attempt(lambda: os.mkdir(h + "/hlrp-sh", 0o755))
attempt(lambda: os.chmod(h + "/hlrp-sh", 0o755))
d = attempt(lambda: os.open(h + "/hlrp-sh", os.O_RDONLY | os.O_DIRECTORY))
if d is not None:
    attempt(lambda: os.fchmod(d, 0o755))
    attempt(lambda: os.write(os.open("policy.toml", os.O_CREAT | os.O_EXCL | os.O_WRONLY, dir_fd=d), b"# PLANTED-BY-PROGRAM\n"))
open("mine.toml", "w").write("# PLANTED-BY-PROGRAM\n")
attempt(lambda: os.rename("mine.toml", h + "/hlrp-sh/policy.toml"))
