#!/usr/bin/env python3
# what: TCP over IPv6 to a deleter on ::1
# target: home/tree/data/alpha.txt
# expect: escapes
# outside: deleter.py tcp6
# needs: ipv6

print('START', flush=True)
import os, socket
s = socket.create_connection(("::1", int(os.environ["HELPER_PORT"])), 3)
s.send(os.path.join(os.environ["TREE"], "data/alpha.txt").encode())
