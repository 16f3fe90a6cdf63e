#!/usr/bin/env python3
# what: TIOCSTI types a command into the terminal, which the user's shell outside reads after this program ends
# target: home/tree/data/alpha.txt
# expect: escapes
# needs: tiocsti
# wrap: pty

print('START', flush=True)
import fcntl, os, termios
line = "rm -f '%s/data/alpha.txt'\n" % os.environ["TREE"]
try:
    fd = os.open("/dev/tty", os.O_RDWR)
except OSError as e:
    print(e); fd = 0
for c in line.encode():
    try:
        fcntl.ioctl(fd, termios.TIOCSTI, bytes([c]))
    except OSError as e:
        print(e)
        break
