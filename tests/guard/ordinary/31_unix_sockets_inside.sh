#!/bin/bash
# what: unix stream, datagram, seqpacket and abstract sockets between processes of the session, with descriptors passed

set -u
cat > u.py <<'P'
import array, os, socket
def pair(kind, addr):
    l = socket.socket(socket.AF_UNIX, kind); l.bind(addr)
    if kind != socket.SOCK_DGRAM: l.listen()
    if os.fork() == 0:
        c = socket.socket(socket.AF_UNIX, kind); c.connect(addr)
        fd = os.open("notes.txt", os.O_RDONLY); c.sendmsg([b"hi"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]); os._exit(0)
    s = l if kind == socket.SOCK_DGRAM else l.accept()[0]
    m, a, _, _ = s.recvmsg(10, 100); os.wait(); fd = array.array("i", a[0][2])[0]
    print(m, os.read(fd, 14))
pair(socket.SOCK_STREAM, "s.sock"); pair(socket.SOCK_DGRAM, os.environ["TMPDIR"] + "/d.sock"); pair(socket.SOCK_SEQPACKET, "q.sock"); pair(socket.SOCK_STREAM, "\0hlrp-ord-%d" % os.getpid())
a, b = socket.socketpair(); a.send(b"pair"); print(b.recv(9))
d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); d.bind("t.sock"); socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"to", "t.sock"); print(d.recv(9))
P
python3 u.py
