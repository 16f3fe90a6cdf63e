#!/usr/bin/env python3
# what: asyncio subprocesses that run rm and a thread pool that unlinks
# target: home/tree/data/alpha.txt
# expect: destroys

print('START', flush=True)
import asyncio, os
async def main():
    p = await asyncio.create_subprocess_exec("rm", "-f", "data/alpha.txt")
    await p.wait()
    p = await asyncio.create_subprocess_shell("exec 3>data/beta.txt")
    await p.wait()
    try:
        await asyncio.to_thread(os.unlink, "data/gamma.csv")
    except OSError as e:
        print(e)
asyncio.run(main())
