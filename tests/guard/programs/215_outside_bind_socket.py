#!/usr/bin/env python3
# what: a unix socket bound outside by a long absolute path
# target: outside/s.sock
# expect: writes-outside

print('START', flush=True)
import os, socket
os.chdir(os.environ["OUTSIDE"])
for kind, name in ((socket.SOCK_STREAM, "s.sock"), (socket.SOCK_DGRAM, "d.sock")):
    try:
        socket.socket(socket.AF_UNIX, kind).bind(name)
    except OSError as e:
        print(e)
