#!/bin/bash
# what: asyncio: subprocesses, streams, a server, signals

set -u
python3 - <<'P'
import asyncio, os, signal
async def main():
    p = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1); print((await p.communicate(b"through cat"))[0])
    print(await asyncio.gather(*[(await asyncio.create_subprocess_shell("exit %d" % i)).wait() for i in range(4)]))
    async def h(r, w): w.write((await r.readline()).upper()); await w.drain(); w.close()
    s = await asyncio.start_unix_server(h, os.environ["TMPDIR"] + "/aio.sock"); r, w = await asyncio.open_unix_connection(os.environ["TMPDIR"] + "/aio.sock"); w.write(b"shout\n"); print(await r.readline()); w.close(); s.close()
    t = await asyncio.start_server(h, "127.0.0.1", 0); r, w = await asyncio.open_connection(*t.sockets[0].getsockname()); w.write(b"tcp\n"); print(await r.readline()); w.close(); t.close()
    e = asyncio.Event(); asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, e.set); os.kill(os.getpid(), signal.SIGUSR1); await asyncio.wait_for(e.wait(), 2); print("signal")
asyncio.run(main())
P
