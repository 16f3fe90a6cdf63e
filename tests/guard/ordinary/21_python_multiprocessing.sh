#!/bin/bash
# what: multiprocessing: Pool by fork, spawn and forkserver, shared memory, queues, locks, managers

set -u
cat > m.py <<'P'
import multiprocessing as mp
from multiprocessing import shared_memory
def sq(x): return x * x
def child(name, n):
    s = shared_memory.SharedMemory(name); s.buf[n] = n; s.close()
if __name__ == "__main__":
    for how in ("fork", "spawn", "forkserver"):
        c = mp.get_context(how)
        with c.Pool(3) as p: print(how, p.map(sq, range(10)))
        s = shared_memory.SharedMemory(create=True, size=64)
        ps = [c.Process(target=child, args=(s.name, n)) for n in range(8)]
        [p.start() for p in ps]; [p.join() for p in ps]; print(bytes(s.buf[:8])); s.close(); s.unlink()
        q = c.Queue(); q.put("queued"); print(q.get()); l = c.Lock(); v = c.Value("i", 5)
        with l: v.value += 1
        print(v.value)
    with mp.Manager() as m: d = m.dict(); d["a"] = 1; print(dict(d))
P
python3 m.py
