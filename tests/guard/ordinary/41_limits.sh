#!/bin/bash
# what: ulimit, nice, ionice-free limits, ru_maxrss, setrlimit of oneself

set -u
ulimit -n 100; ulimit -n; ulimit -c 0; ulimit -s 4096; (ulimit -v 4000000; python3 -c 'print("small")'); nice -n 5 nice; python3 -c 'import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (50, 60)); print(resource.getrlimit(resource.RLIMIT_NOFILE)); print(resource.prlimit(0, resource.RLIMIT_CORE))'
(ulimit -f 10; python3 -c 'import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); f = open("cap", "wb"); 
try: f.write(bytes(100000)); f.flush()
except OSError as e: print(e.errno)' 2>/dev/null); stat -c %s cap
