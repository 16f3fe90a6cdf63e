#!/usr/bin/env python3
"""A tmux server of the user outside the guard; its socket is BASE/helper/sock."""
import os, signal, socket, subprocess, sys, time
where = os.path.join(os.environ["BASE"], "helper")
env = dict(os.environ, TERM="xterm", SHELL="/bin/sh")
p = subprocess.Popen(["tmux", "-S", where + "/sock", "-f", "/dev/null", "-D"], env=env, cwd="/")
# A client that comes too early would start a server of its own, which would outlive this one.
for _ in range(500):
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(where + "/sock")
        break
    except OSError:
        time.sleep(0.01)
for _ in range(200):
    r = subprocess.run(["tmux", "-S", where + "/sock", "new-session", "-d", "-s", "main", "/bin/sh"], env=env, capture_output=True)
    if r.returncode == 0:
        break
    time.sleep(0.02)
open(where + "/pid", "w").write(str(p.pid))
open(where + "/ready", "w").close()
def end(*_):
    subprocess.run(["tmux", "-S", where + "/sock", "kill-server"], env=env, capture_output=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
while p.poll() is None:
    time.sleep(0.1)
