#!/usr/bin/env python3
# what: an atomic replacement of ~/.bashrc
# target: home/.bashrc
# expect: plants

print('START', flush=True)
import os
p = os.path.join(os.environ["HOME"], ".bashrc")
open("mine", "w").write("# PLANTED-BY-PROGRAM\n" + open(p).read())
os.replace("mine", p)
