#!/usr/bin/env python3
# what: a daemon thread and an atexit handler in a forked orphan
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import atexit, os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        atexit.register(os.unlink, "data/alpha.txt")
        time.sleep(0.3)
        raise SystemExit
    os._exit(0)
