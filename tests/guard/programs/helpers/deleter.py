#!/usr/bin/env python3
"""A server of the user outside the guard that deletes what it is told. Arguments: the kinds of sockets it serves.

stream, seqpacket, dgram: BASE/helper/sock; abstract, absdgram: '\\0hlrpbat-TAG'; tcp, tcp6, udp: a loopback port in
BASE/helper/port; fdpass: answers a connection at BASE/helper/sock with a writable descriptor of the file that was named.
"""
import array, os, selectors, socket, sys

base, tag = os.environ["BASE"], os.environ["HLRP_TAG"]
where = os.path.join(base, "helper")
path, kinds = os.path.join(where, "sock"), sys.argv[1:]
os.chdir(where)


def obey(text):
    p = text.decode("utf-8", "surrogateescape").strip("\0\n ")
    if p.startswith(base + "/"):
        try:
            os.unlink(p)
        except OSError:
            pass


def serve(kind):
    k = {"stream": socket.SOCK_STREAM, "fdpass": socket.SOCK_STREAM, "abstract": socket.SOCK_STREAM, "tcp": socket.SOCK_STREAM, "tcp6": socket.SOCK_STREAM,
         "seqpacket": socket.SOCK_SEQPACKET, "dgram": socket.SOCK_DGRAM, "absdgram": socket.SOCK_DGRAM, "udp": socket.SOCK_DGRAM}[kind]
    if kind in ("tcp", "udp"):
        s = socket.socket(socket.AF_INET, k)
        s.bind(("127.0.0.1", 0))
    elif kind == "tcp6":
        s = socket.socket(socket.AF_INET6, k)
        s.bind(("::1", 0))
    else:
        s = socket.socket(socket.AF_UNIX, k)
        s.bind("\0hlrpbat-" + tag if kind in ("abstract", "absdgram") else "sock")
    if kind in ("tcp", "tcp6", "udp"):
        with open(os.path.join(where, "port"), "w") as f:
            f.write(str(s.getsockname()[1]))
    if kind == "tcp":
        s.setsockopt(socket.IPPROTO_TCP, 23, 16)        # TCP_FASTOPEN
    if k in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        s.listen(64)
    return s, k


socks = {}
sel = selectors.DefaultSelector()
for kind in kinds:
    s, k = serve(kind)
    socks[s] = (kind, k)
    sel.register(s, selectors.EVENT_READ)
with open(os.path.join(where, "pid"), "w") as f:
    f.write(str(os.getpid()))
open(os.path.join(where, "ready"), "w").close()
while True:
    for key, _ in sel.select():
        s = key.fileobj
        kind, k = socks[s]
        if k == socket.SOCK_DGRAM:
            obey(s.recv(4096))
            continue
        c, _ = s.accept()
        c.settimeout(2)
        try:
            told = c.recv(4096)
            if kind == "fdpass":
                fd = os.open(told.decode().strip(), os.O_RDWR)
                c.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
                os.close(fd)
                c.recv(1)
            else:
                obey(told)
        except OSError:
            pass
        c.close()
