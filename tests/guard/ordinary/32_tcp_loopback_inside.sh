#!/bin/bash
# what: TCP and UDP on loopback between processes of the session, IPv4 and IPv6, and curl to a server
# needs: curl

set -u
cat > t.py <<'P'
import os, socket, threading
for fam, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    l = socket.create_server((host, 0), family=fam); port = l.getsockname()[1]
    if os.fork() == 0:
        c = socket.create_connection((host, port)); c.sendall(b"over tcp"); os._exit(0)
    s, _ = l.accept(); print(host, s.recv(99)); os.wait()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 0)); socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"over udp", u.getsockname()); print(u.recv(99))
n = socket.socket(); n.setblocking(False); l = socket.create_server(("127.0.0.1", 0)); print(n.connect_ex(l.getsockname()) in (0, 115)); l.accept(); print(n.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
P
python3 t.py
# As a program of one's own: a server by name is asked about where this counts as a login node.
cat > srv.py <<'P'
import http.server, runpy, sys
sys.argv = ["server", "-b", "127.0.0.1", "0"]
runpy.run_module("http.server", run_name="__main__")
P
python3 -u srv.py >"$TMPDIR/srv.txt" 2>/dev/null & p=$!
for i in $(seq 50); do grep -q port "$TMPDIR/srv.txt" && break; sleep 0.1; done; port=$(sed 's/.*port \([0-9]*\).*/\1/' "$TMPDIR/srv.txt")
curl -s "http://127.0.0.1:$port/notes.txt" | head -1; curl -s -o got.txt "http://127.0.0.1:$port/data/alpha.txt"; cmp got.txt data/alpha.txt && echo same; kill $p; wait $p 2>/dev/null; echo done
