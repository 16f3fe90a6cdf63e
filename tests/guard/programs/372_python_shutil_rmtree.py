#!/usr/bin/env python3
# what: shutil.rmtree
# target: home/tree/docs
# expect: destroys

print('START', flush=True)
import shutil
shutil.rmtree("docs", ignore_errors=True)
shutil.rmtree("run")
