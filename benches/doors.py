#!/usr/bin/env python3
"""How long the doors take: the first prompt, a line beside bash's own, a hook as a process.

    benches/doors.py [target/release/hlrp-sh] [ROUNDS]

Each line and its peer in turn, on a real pseudo-terminal; medians. Exit status 1 where a bound is broken:
first prompt 150 ms, a line 5 ms over bash, a hook 5 ms.
"""

import os
import pty
import select
import statistics
import sys
import tempfile
import time

CLIENTS = ["claude", "codex", "cursor", "gemini", "copilot"]
FIXTURES = {"claude": "claude/bash", "codex": "codex/patch_add", "cursor": "cursor/tool_write",
            "gemini": "gemini/write", "copilot": "copilot/create"}


class Terminal:
    """A program on a pseudo-terminal, which answers where the cursor is."""

    def __init__(self, words, environment):
        self.begun = time.perf_counter()
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.chdir(environment["HOME"])
            os.execvpe(words[0], words, environment)
        self.shown = b""

    def until(self, text):
        deadline = time.perf_counter() + 20
        while text not in self.shown:
            ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.perf_counter()))
            if not ready:
                sys.exit(f"no {text!r} in {self.shown[-400:]!r}")
            piece = os.read(self.master, 65536)
            for _ in range(piece.count(b"\x1b[6n")):
                os.write(self.master, b"\x1b[1;1R")
            self.shown += piece
        self.shown = self.shown.split(text, 1)[1]
        return time.perf_counter()

    def line(self, text, prompt):
        begun = time.perf_counter()
        os.write(self.master, text.encode() + b"\n")
        self.until(text.encode())
        return self.until(prompt) - begun

    def end(self):
        os.write(self.master, b"exit\n")
        os.close(self.master)
        os.waitpid(self.process, 0)


def milliseconds(times):
    return 1000 * statistics.median(times), 1000 * sorted(times)[int(len(times) * 0.99)]


def first_prompt(program, environment, rounds):
    times = []
    for _ in range(rounds):
        terminal = Terminal([program], environment | {"TERM": "xterm-256color"})
        times.append(terminal.until("❯ ".encode()) - terminal.begun)
        terminal.end()
    return milliseconds(times)


def lines(program, environment, rounds):
    with open(f"{environment['HOME']}/.bashrc", "w") as file:
        file.write("PS1='ready> '\n")
    environment = environment | {"TERM": "dumb"}
    ours, theirs = Terminal([program], environment), Terminal(["bash", "--noediting", "-i"], environment)
    ours.until(b"$ ")
    theirs.until(b"ready> ")
    pairs = []
    for number in range(rounds):
        text = f"true {number}"
        pairs.append((ours.line(text, b"$ "), theirs.line(text, b"ready> ")))
    ours.end()
    theirs.end()
    return tuple(milliseconds([pair[side] for pair in pairs]) for side in (0, 1))


def hook(program, client, environment, rounds):
    fixtures = os.path.join(os.path.dirname(__file__), "../tests/agent_hook/fixtures")
    with open(os.path.join(fixtures, FIXTURES[client] + ".json")) as file:
        event = file.read().replace("/home/me", environment["HOME"]).encode()
    place = f"{environment['HOME']}/event"
    with open(place, "wb") as file:
        file.write(event)
    null = os.open("/dev/null", os.O_WRONLY)
    times = []
    for _ in range(rounds):
        source = os.open(place, os.O_RDONLY)
        begun = time.perf_counter()
        process = os.posix_spawn(program, [program, "hook", "--for", client], environment,
                                 file_actions=[(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, null, 1)])
        status = os.waitpid(process, 0)[1]
        times.append(time.perf_counter() - begun)
        os.close(source)
        assert status == 0, f"{client}: {status}"
    return milliseconds(times)


def main():
    program = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/hlrp-sh")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    failed = False
    print("| what | median | 99 of 100 | bound |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=os.environ.get("HOME")) as home:
        os.mkdir(f"{home}/dss")
        environment = {"HOME": home, "PATH": os.environ["PATH"], "HLRP_DSS": f"{home}/dss", "LANG": "C.UTF-8"}
        median, worst = first_prompt(program, environment, max(10, rounds // 10))
        print(f"| to the first prompt | {median:.1f} ms | {worst:.1f} ms | 150 ms |")
        failed |= median > 150
        (ours, ours_worst), (theirs, theirs_worst) = lines(program, environment, rounds)
        print(f"| a line | {ours:.2f} ms | {ours_worst:.2f} ms | 5 ms over bash |")
        print(f"| the same in bash | {theirs:.2f} ms | {theirs_worst:.2f} ms | |")
        failed |= ours - theirs > 5
        for client in CLIENTS:
            median, worst = hook(program, client, environment, rounds)
            print(f"| `hook --for {client}` | {median:.2f} ms | {worst:.2f} ms | 5 ms |")
            failed |= median > 5
    sys.exit(failed)


main()
