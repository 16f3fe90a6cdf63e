#!/usr/bin/env python3
# what: a writable descriptor received over a unix socket from outside
# target: home/tree/data/alpha.txt
# expect: escapes
# outside: deleter.py fdpass

print('START', flush=True)
import array, os, socket
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["HELPER"])
s.send(os.path.join(os.environ["TREE"], "data/alpha.txt").encode())
_, anc, _, _ = s.recvmsg(1, socket.CMSG_SPACE(4))
fd = array.array("i", anc[0][2])[0]
os.pwrite(fd, b"XXXX", 0)
os.ftruncate(fd, 4)
