#!/bin/bash
# what: strace, gdb and ptrace of one's own child
# needs: gdb strace gcc

set -u
printf '#include <stdio.h>\nint g = 7;\nint f(int x) { return x * g; }\nint main(void) { printf("%%d\\n", f(6)); return 0; }\n' > d.c; gcc -g -O0 -o d d.c
strace -f -e trace=write -o "$TMPDIR/st.log" ./d; grep -c 'write(1, "42' "$TMPDIR/st.log"
gdb -q -nx -batch -ex 'break f' -ex run -ex 'print x' -ex 'set var g = 100' -ex continue ./d 2>/dev/null </dev/null | grep -E '^\$1|^600'
python3 - <<'P'
import ctypes, os, signal
L = ctypes.CDLL(None, use_errno=True)
p = os.fork()
if p == 0:
    L.ptrace(0, 0, 0, 0); os.kill(os.getpid(), signal.SIGSTOP); os._exit(5)
os.waitpid(p, 0); print("cont", L.ptrace(7, p, 0, 0)); print("exit", os.waitstatus_to_exitcode(os.waitpid(p, 0)[1]))
P
./d & sleep 5 & pid=$!; timeout 5 strace -p $pid -o /dev/null 2>/dev/null & sleep 0.3; kill $pid; wait 2>/dev/null; echo done
