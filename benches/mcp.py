#!/usr/bin/env python3
"""How many `check` calls an agent's connection answers, and whether it grows: 64 in flight.

    benches/mcp.py [target/release/hlrp-sh] [CALLS]

Prints a table for the README. Exit status 1 where a bound is broken: at least 5,000 calls a second,
99 of 100 answered within 20 ms, at most 5 MB more memory after 100,000 calls.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

IN_FLIGHT = 64
WARM_UP = 5_000
LINES = [
    "ls -l", "git status", "rm -rf runs/old", "cp a.txt b.txt && cat b.txt", "echo hi > notes.txt",
    "find . -name '*.py' | xargs grep -n train", "for i in 1 2 3; do python3 prepare.py --part $i; done",
    "git commit -m 'rm old runs'", "tar czf out.tar.gz src", "truncate -s 0 log.txt",
]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "target/release/hlrp-sh"
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as home:
        measure(os.path.abspath(program), calls, home)


def measure(program, calls, home):
    environment = {"HOME": home, "PATH": os.environ["PATH"], "HLRP_DSS": home}
    server = subprocess.Popen([program, "mcp"], cwd=home, env=environment, bufsize=0,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    send(server, {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"}}})
    assert b'"result"' in server.stdout.readline()
    send(server, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    drive(server, WARM_UP, 1)
    before = memory(server.pid)
    begun, used = time.perf_counter(), cpu(server.pid)
    latencies = drive(server, calls, WARM_UP + 1)
    seconds, used = time.perf_counter() - begun, cpu(server.pid) - used
    grown = memory(server.pid) - before
    server.stdin.close()
    status = server.wait(timeout=10)
    latencies.sort()
    rate = calls / seconds
    at = lambda part: latencies[min(len(latencies) - 1, int(len(latencies) * part))] * 1000
    print(f"| `check` calls, {IN_FLIGHT} in flight | {calls:,} in {seconds:.1f} s: {rate:,.0f} a second |")
    print(f"| answered within | {at(0.5):.1f} ms (half), {at(0.99):.1f} ms (99 of 100), {latencies[-1] * 1000:.1f} ms (all) |")
    print(f"| CPU of the server, a call | {used / calls * 1e6:.0f} µs |")
    print(f"| memory after {calls:,} calls | {grown / 1024:+.1f} MB on {before / 1024:.1f} MB |")
    is_well = rate >= 5_000 and at(0.99) <= 20 and grown <= 5 * 1024 and status == 0
    sys.exit(0 if is_well else 1)


def send(server, message):
    server.stdin.write(json.dumps(message).encode() + b"\n")


def drive(server, calls, first):
    """Keeps so many calls in flight until all are answered; returns how long each took."""
    bodies = [json.dumps({"method": "tools/call", "params": {"name": "check", "arguments": {"line": line}}})
              .encode()[1:] + b"\n" for line in LINES]
    begun, latencies = {}, []
    number, last = first, first + calls
    out, into = server.stdout.fileno(), server.stdin.fileno()

    def more(count):
        nonlocal number
        batch = bytearray()
        now = time.perf_counter()
        for _ in range(min(count, last - number)):
            begun[number] = now
            batch += b'{"jsonrpc":"2.0","id":%d,' % number + bodies[number % len(bodies)]
            number += 1
        view = memoryview(batch)
        while view:
            view = view[os.write(into, view):]

    more(IN_FLIGHT)
    rest = b""
    while len(latencies) < calls:
        piece = os.read(out, 1 << 20)
        if not piece:
            sys.exit("the server has gone")
        *lines, rest = (rest + piece).split(b"\n")
        now = time.perf_counter()
        for line in lines:
            start = line.index(b'"id":') + 5
            one = int(line[start:line.index(b",", start)])
            latencies.append(now - begun.pop(one))
            if b'"structuredContent"' not in line:
                sys.exit(f"an answer that is none: {line[:300]}")
        more(len(lines))
    return latencies


def memory(pid):
    """Resident memory in KiB."""
    with open(f"/proc/{pid}/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def cpu(pid):
    """Seconds of processor time."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


main()
