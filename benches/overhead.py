#!/usr/bin/env python3
"""Measures what the guard costs, and prints Markdown.

    benches/overhead.py [--rounds N] [--only git,make] [--binary PATH] [--dir DIR]

Every workload runs natively and under each tool in turn, in fresh directories, round
by round; a cell is the median over the rounds of (tool / native) in the same round.
CPU is user + system time of the whole tree of processes: this program makes itself
their subreaper, so that the guard's supervisor, which outlives the process that was
started, is counted too. Only Python's standard library, gcc and git are needed; what
is missing is said and left out.

Started as root it works as an unprivileged user (65534), as the guard is meant to be used.
"""

import argparse
import ctypes
import os
import platform
import resource  # wait4 loads it, and by then its directory may be out of reach
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

NOBODY = 65534
PR_SET_CHILD_SUBREAPER = 36
RUN_LIMIT = 300.0  # seconds a single run may take
DISCARD = "/dev/null"

# ------------------------------------------------------------------ running


class Failed(Exception):
    """A run that did not end with 0."""


class Runner:
    """Starts programs and reaps everything that comes of them."""

    def __init__(self, environment, log):
        self.environment = environment
        self.log = log

    def run(self, command, cwd, home):
        """Returns (wall seconds until the command ended, CPU seconds of the whole tree)."""
        environment = dict(self.environment, HOME=str(home))
        os.chdir(cwd)
        writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, DISCARD, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, DISCARD, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, str(self.log), writing, 0o600),
        ]
        signal.setitimer(signal.ITIMER_REAL, RUN_LIMIT)
        began = time.perf_counter()
        process = os.posix_spawn(command[0], command, environment, file_actions=actions)
        ended, status, cpu = None, None, 0.0
        try:
            while True:
                reaped, code, usage = os.wait4(-1, 0)
                if reaped == process:
                    ended, status = time.perf_counter(), code
                cpu += usage.ru_utime + usage.ru_stime
        except ChildProcessError:
            pass
        except TimeoutError:
            end_children()
            raise Failed(f"did not end within {RUN_LIMIT:.0f} s") from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if status != 0:
            talk = self.log.read_text(errors="replace").strip().splitlines()
            raise Failed(f"status {os.waitstatus_to_exitcode(status)}: {' / '.join(talk[-3:])}")
        return ended - began, cpu


def end_children():
    """Kills whatever is left of a run that takes too long; orphans come to us one after the other."""
    while True:
        children = Path("/proc/self/task", str(os.getpid()), "children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        try:
            os.wait4(-1, 0)
        except ChildProcessError:
            return


def time_is_up(_signal, _frame):
    raise TimeoutError


def become_subreaper():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


# -------------------------------------------------------------------- tools


def find_tools(names, guard, runner, work):
    """Returns {name: command prefix} of the tools that work here, native first; says which do not."""
    mediated = "open,openat,creat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,truncate,ftruncate,connect"
    known = {
        "guard": guard,
        "bwrap": ["bwrap", "--dev-bind", "/", "/"],
        "proot": ["proot"],
        "strace": ["strace", "-f", "--seccomp-bpf", "-e", f"trace={mediated}", "-o", DISCARD],
    }
    tools = {"native": []}
    home = work / "probe"
    home.mkdir()
    for name in names:
        prefix = known[name]
        if prefix is None:
            say(f"no {name}: no binary; build with `cargo build --release`, or give --binary")
            continue
        path = shutil.which(prefix[0], path=runner.environment["PATH"])
        if path is None:
            say(f"no {name}: {prefix[0]} is not installed")
            continue
        prefix = [path, *prefix[1:]]
        try:
            runner.run([*prefix, "/bin/true"], home, home)
            tools[name] = prefix
        except Failed as fault:
            say(f"no {name}: {fault}")
    return tools


# ---------------------------------------------------------------- workloads


class Workload:
    """Something to run: what it needs is made once in `shared`, and anew in `home` for every run."""

    name = ""
    needs = ()

    def prepare(self, shared):
        """Makes what all runs share."""

    def lay_out(self, shared, home):
        """Makes what one run needs, in its own home. Returns the directory to run in."""
        return home

    def command(self, shared):
        """Returns the program and its arguments."""
        raise NotImplementedError


def sh(line):
    return ["/bin/sh", "-ec", line]


class Git(Workload):
    name = "git: init, add, commit 500 files, its own gc"
    needs = ("git",)

    def lay_out(self, shared, home):
        tree = home / "repository"
        write_tree(tree, directories=20, files=25, size=600)
        return tree

    def command(self, shared):
        # `git gc` typed by hand is denied by the law; what git does by itself after a commit is not.
        now = "-c gc.auto=1 -c gc.autoDetach=false -c maintenance.autoDetach=false"
        return sh(f"git init -q .; git add -A; git {now} commit -q -m all; ls .git/objects/pack/*.pack")


class Make(Workload):
    name = "make: 40 C files, gcc -O0"
    needs = ("make", "gcc")

    def lay_out(self, shared, home):
        tree = home / "project"
        tree.mkdir()
        functions = "\n".join(
            f"int f{{0}}_{n}(int a) {{{{ char b[64]; snprintf(b, sizeof b, \"%d\", a * {n}); return (int) strlen(b); }}}}"
            for n in range(40)
        )
        head = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
        for number in range(40):
            (tree / f"part{number}.c").write_text(head + functions.format(number) + "\n")
        (tree / "main.c").write_text("int main(void) { return 0; }\n")
        (tree / "Makefile").write_text(
            "OBJECTS := $(patsubst %.c,%.o,$(wildcard *.c))\n"
            "program: $(OBJECTS)\n\tgcc -o $@ $^\n"
            "%.o: %.c\n\tgcc -O0 -c -o $@ $<\n"
        )
        return tree

    def command(self, shared):
        return sh("make -s program")


class Pip(Workload):
    name = "pip install: a local wheel into a venv"
    needs = ("/usr/bin/python3",)

    def prepare(self, shared):
        venv = [self.needs[0], "-m", "venv", str(shared / "venv")]
        done = subprocess.run(venv, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed("python3 cannot make a venv: apt-get install python3-venv")
        record = []
        with zipfile.ZipFile(shared / "sample-1.0-py3-none-any.whl", "w") as wheel:
            def add(name, text):
                wheel.writestr(name, text)
                record.append(f"{name},,")

            add("sample/__init__.py", "")
            for number in range(200):
                body = "\n".join(f"def f{n}(a):\n    return a + {n}\n" for n in range(20))
                add(f"sample/m{number}.py", body)
            info = "sample-1.0.dist-info"
            add(f"{info}/METADATA", "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
            add(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            record.append(f"{info}/RECORD,,")
            wheel.writestr(f"{info}/RECORD", "\n".join(record) + "\n")

    def lay_out(self, shared, home):
        shutil.copytree(shared / "venv", home / "venv", symlinks=True)
        return home

    def command(self, shared):
        wheel = shlex.quote(str(shared / "sample-1.0-py3-none-any.whl"))
        return sh(f"venv/bin/python -m pip install -q --disable-pip-version-check --no-index --no-deps {wheel}")


class Spawns(Workload):
    name = "100 spawns of /bin/true from sh"

    def command(self, shared):
        return sh("i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done")


class Tree(Workload):
    """One of the workloads on a tree of 10,000 small files."""

    def prepare(self, shared):
        if not (shared / "tree").is_dir():
            write_tree(shared / "tree", directories=100, files=100, size=900)
            with tarfile.open(shared / "tree.tar", "w") as archive:
                archive.add(shared / "tree", "tree")


class Find(Tree):
    name = "find: 10,000 files, five times"

    def command(self, shared):
        tree = shlex.quote(str(shared / "tree"))
        return sh(f"for i in 1 2 3 4 5; do find {tree} -type f -size +9; done")


class Tar(Tree):
    name = "tar x: 10,000 files"
    needs = ("tar",)

    def command(self, shared):
        return sh(f"tar xf {shlex.quote(str(shared / 'tree.tar'))}")


class Copy(Tree):
    name = "cp -r: 10,000 files"

    def command(self, shared):
        return sh(f"cp -r {shlex.quote(str(shared / 'tree'))} copy")


WORKLOADS = {
    "git": Git(), "make": Make(), "pip": Pip(), "spawn": Spawns(), "find": Find(), "tar": Tar(), "cp": Copy(),
}


def write_tree(root, directories, files, size):
    line = "the quick brown fox jumps over the lazy dog 0123456789\n"
    text = (line * (size // len(line) + 1))[:size]
    for directory in range(directories):
        place = root / f"d{directory:03}"
        place.mkdir(parents=True)
        for number in range(files):
            (place / f"f{number:03}.txt").write_text(f"{directory} {number}\n{text}")


def measure_workloads(chosen, tools, rounds, runner, work):
    """Returns {workload: {tool: [(wall, cpu) a round]}}."""
    shared = work / "shared"
    shared.mkdir()
    results = {}
    for key in chosen:
        workload = WORKLOADS[key]
        missing = [tool for tool in workload.needs if shutil.which(tool, path=runner.environment["PATH"]) is None]
        if missing:
            say(f"no {key}: {', '.join(missing)} is not installed")
            continue
        try:
            workload.prepare(shared)
        except Failed as fault:
            say(f"no {key}: {fault}")
            continue
        samples = {tool: [] for tool in tools}
        broken = set()
        # The first round warms caches and does not count.
        for number in range(rounds + 1):
            progress(f"{key}: round {number} of {rounds}")
            order = list(tools)
            order = order[number % len(order):] + order[:number % len(order)]
            for tool in order:
                if tool in broken:
                    continue
                home = work / f"{key}-{tool}-{number}"
                home.mkdir()
                cwd = workload.lay_out(shared, home)
                try:
                    sample = runner.run([*tools[tool], *workload.command(shared)], cwd, home)
                    if number > 0:
                        samples[tool].append(sample)
                except Failed as fault:
                    say(f"{key} under {tool} failed: {fault}")
                    broken.add(tool)
                os.chdir(work)
                remove(home)
        if "native" not in broken:
            results[key] = {tool: rows for tool, rows in samples.items() if tool not in broken}
    return results


def print_workloads(results, tools):
    others = [tool for tool in tools if tool != "native"]
    titles = ["CPU of the whole tree, × native", "native", *others]
    if "guard" in tools:
        titles.append("guard, wall")
    rows = []
    for key, samples in results.items():
        native = samples["native"]
        row = [WORKLOADS[key].name, f"{statistics.median(cpu for _, cpu in native):.2f} s"]
        for tool in others:
            row.append(median_ratio(samples.get(tool), native, 1))
        if "guard" in tools:
            row.append(median_ratio(samples.get("guard"), native, 0))
        rows.append(row)
    table(titles, rows)


def median_ratio(samples, native, field):
    if not samples:
        return "failed"
    ratios = [one[field] / base[field] for one, base in zip(samples, native) if base[field] > 0]
    return f"{statistics.median(ratios):.2f}"


# ----------------------------------------------------------------- start-up


def measure_start(tools, rounds, runner, work):
    home = work / "start"
    home.mkdir()
    samples = {tool: [] for tool in tools}
    for number in range(rounds):
        if number % 20 == 0:
            progress(f"start-up: round {number} of {rounds}")
        for tool, prefix in tools.items():
            samples[tool].append(runner.run([*prefix, "/bin/true"], home, home)[0])
    return samples


def print_start(samples):
    rows = [[tool, f"{min(walls) * 1e3:.2f}", f"{statistics.median(walls) * 1e3:.2f}"] for tool, walls in samples.items()]
    table(["start of /bin/true, wall ms", "min", "median"], rows)


# ------------------------------------------------------------ system calls

MICRO = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void stop(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static FILE *out;

#define TIME(name, call) do {                                  \
        long long began = now();                               \
        long answer = (long) (call);                           \
        long long ended = now();                               \
        if (answer < 0) stop(name);                            \
        fprintf(out, "%s\t%lld\n", name, ended - began);       \
    } while (0)

static void make(const char *path, size_t size) {
    static char block[10240];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) stop(path);
    while (size > 0) {
        size_t part = size < sizeof block ? size : sizeof block;
        if (write(fd, block, part) != (ssize_t) part) stop(path);
        size -= part;
    }
    close(fd);
}

/* micro calls TREE RESULTS COUNT BIG: TREE holds old-0… and big-0…, made before the session. */
static int calls(char **argv) {
    const char *tree = argv[0];
    int count = atoi(argv[2]), big = atoi(argv[3]), fd;
    const char *scratch = getenv("TMPDIR");
    char a[4096], b[4096];
    struct stat status;
    out = fopen(argv[1], "w");
    if (!out) stop(argv[1]);
    if (!scratch) scratch = tree;
    for (int i = 0; i < count; i++) {
        snprintf(a, sizeof a, "%s/old-%d", tree, i);
        TIME("getppid", getppid());
        TIME("stat", stat(a, &status));
        TIME("open for reading", fd = open(a, O_RDONLY));
        close(fd);
        snprintf(b, sizeof b, "%s/new-%d", tree, i);
        TIME("create exclusively", fd = open(b, O_WRONLY | O_CREAT | O_EXCL, 0600));
        if (write(fd, "0123456789", 10) != 10) stop(b);
        close(fd);
        TIME("open O_TRUNC, made here", fd = open(b, O_WRONLY | O_TRUNC));
        if (write(fd, "0123456789", 10) != 10) stop(b);
        close(fd);
        TIME("open O_TRUNC, 10 KiB from before", fd = open(a, O_WRONLY | O_TRUNC));
        close(fd);
        snprintf(a, sizeof a, "%s/moved-%d", tree, i);
        TIME("rename to a free name", rename(b, a));
        TIME("unlink, made here, in the tree", unlink(a));
        snprintf(a, sizeof a, "%s/micro-%d-%d", scratch, (int) getpid(), i);
        make(a, 10);
        TIME("unlink, made here, in $TMPDIR", unlink(a));
        snprintf(a, sizeof a, "%s/edit-%d", tree, i);
        TIME("open for writing, 10 KiB from before", fd = open(a, O_WRONLY));
        close(fd);
    }
    for (int i = 0; i < big; i++) {
        snprintf(a, sizeof a, "%s/big-%d", tree, i);
        TIME("open O_TRUNC, 64 MiB from before", fd = open(a, O_WRONLY | O_TRUNC));
        close(fd);
    }
    return fclose(out);
}

/* micro once PROGRAM ARGS…: wall nanoseconds and peak resident KiB, from a small parent,
 * because a child's peak begins with that of whoever started it. */
static int once(char **argv) {
    struct rusage usage;
    int status;
    long long began = now();
    pid_t child = fork();
    if (child < 0) stop("fork");
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execv(argv[0], argv);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) < 0) stop("wait4");
    printf("%lld %ld %d\n", now() - began, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 6 && !strcmp(argv[1], "calls")) return calls(argv + 2);
    if (argc > 2 && !strcmp(argv[1], "once")) return once(argv + 2);
    return 2;
}
"""
COUNT, BIG, BIG_SIZE = 300, 4, 64 << 20


def build_micro(runner, work):
    compiler = shutil.which("gcc", path=runner.environment["PATH"])
    if compiler is None:
        say("no micro-benchmarks: gcc is not installed")
        return None
    source, program = work / "micro.c", work / "micro"
    source.write_text(MICRO)
    for extra in (["-static"], []):
        done = subprocess.run([compiler, "-O2", *extra, "-o", program, source], capture_output=True, text=True)
        if done.returncode == 0:
            return program
    say(f"no micro-benchmarks: {done.stderr.strip()}")
    return None


def measure_calls(tools, rounds, runner, work, micro):
    samples = {}
    block = os.urandom(1 << 20)
    for number in range(rounds):
        for tool, prefix in tools.items():
            progress(f"system calls: round {number + 1} of {rounds}, {tool}")
            home = work / f"calls-{tool}-{number}"
            tree = home / "tree"
            tree.mkdir(parents=True)
            for index in range(COUNT):
                (tree / f"old-{index}").write_bytes(block[:10240])
                (tree / f"edit-{index}").write_bytes(block[:10240])
            for index in range(BIG):
                with open(tree / f"big-{index}", "wb") as file:
                    for _ in range(BIG_SIZE >> 20):
                        file.write(block)
            os.sync()
            results = home / "results"
            command = [str(micro), "calls", str(tree), str(results), str(COUNT), str(BIG)]
            try:
                runner.run([*prefix, *command], tree, home)
            except Failed as fault:
                say(f"system calls under {tool} failed: {fault}")
                return samples
            for line in results.read_text().splitlines():
                name, nanoseconds = line.split("\t")
                samples.setdefault(name, {}).setdefault(tool, []).append(int(nanoseconds))
            os.chdir(work)
            remove(home)
    return samples


def print_calls(samples):
    rows = []
    for name, tools in samples.items():
        row = [name]
        for tool in ("native", "guard"):
            values = [value / 1e3 for value in tools.get(tool, [])]
            row += [f"{min(values):.1f}", f"{statistics.median(values):.1f}"] if values else ["", ""]
        rows.append(row)
    table(["one system call, µs", "native min", "median", "guard min", "median"], rows)


# -------------------------------------------------------------------- check

LINES = {
    "rm -rf runs": 77,
    "ls -l": 0,
    "for f in *.py; do python3 -m py_compile \"$f\" && git add \"$f\"; done": 0,
}


def measure_check(binary, rounds, runner, work, micro):
    home = work / "check"
    (home / "runs").mkdir(parents=True)
    os.chdir(home)
    environment = dict(runner.environment, HOME=str(home))
    rows = []
    for line, wanted in LINES.items():
        walls, peaks = [], []
        for _ in range(rounds):
            command = [str(micro), "once", str(binary), "check", "--context", "workstation", "--guarded", line]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            nanoseconds, peak, status = (int(word) for word in done.stdout.split())
            if status != wanted:
                say(f"check {line!r} ended with {status}, not {wanted}; left out")
                break
            walls.append(nanoseconds / 1e6)
            peaks.append(peak / 1024)
        else:
            rows.append([f"`{line}`", f"{min(walls):.2f}", f"{statistics.median(walls):.2f}", f"{max(peaks):.1f}"])
    os.chdir(work)
    return rows


# ------------------------------------------------------------------ writing


def table(titles, rows):
    if not rows:
        return
    print(f"\n| {' | '.join(titles)} |")
    print(f"|---{'|---:' * (len(titles) - 1)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    sys.stdout.flush()


def say(text):
    progress("")
    print(text, file=sys.stderr, flush=True)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def remove(tree):
    """Takes one of our own temporary trees away; what a store keeps is 0400, its directories are not."""
    shutil.rmtree(tree, ignore_errors=True)


# --------------------------------------------------------------------- main


def parse():
    here = Path(__file__).resolve().parent.parent / "target"
    built = [here / "x86_64-unknown-linux-gnu/release/hlrp-sh", here / "release/hlrp-sh"]
    default = next((path for path in built if path.is_file()), built[-1])
    parts = [*WORKLOADS, "start", "calls", "check"]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each workload (default %(default)s)")
    parser.add_argument("--starts", type=int, default=200, help="rounds of the start-up (default %(default)s)")
    parser.add_argument("--only", default=",".join(parts), metavar="NAMES", help=f"some of {','.join(parts)}")
    parser.add_argument("--against", default="bwrap,proot,strace", metavar="TOOLS", help="other tools (default %(default)s)")
    parser.add_argument("--binary", type=Path, default=default, help="the program (default %(default)s)")
    parser.add_argument("--guard", metavar="COMMAND", help="another guard's command line, in place of `BINARY run --`")
    parser.add_argument("--dir", type=Path, default=Path.cwd(), help="where to work; its file system is what is measured")
    arguments = parser.parse_args()
    arguments.only = [name for name in arguments.only.split(",") if name]
    arguments.against = [name for name in arguments.against.split(",") if name]
    for name in arguments.only:
        if name not in parts:
            parser.error(f"`{name}` is none of {', '.join(parts)}")
    for name in arguments.against:
        if name not in ("bwrap", "proot", "strace"):
            parser.error(f"`{name}` is none of bwrap, proot, strace")
    return arguments


def make_work(directory):
    """Makes the temporary directory, and gives root's rights away, to be taken back for clearing up only."""
    work = Path(tempfile.mkdtemp(prefix="hlrp-bench-", dir=directory))
    if os.geteuid() == 0:
        os.chown(work, NOBODY, NOBODY)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, 0)
    return work


def clear(work, root):
    os.chdir("/")
    remove(work)
    if root:
        os.seteuid(0)
        remove(work)


def reachable(work):
    try:
        os.chdir(work)
        return True
    except PermissionError:
        return False


def main():
    arguments = parse()
    root = os.geteuid() == 0
    become_subreaper()
    signal.signal(signal.SIGALRM, time_is_up)
    binary = arguments.binary.resolve() if arguments.binary.is_file() else None
    content = binary.read_bytes() if binary and not arguments.guard else None
    work = make_work(arguments.dir.resolve())
    if not reachable(work):
        clear(work, root)
        sys.exit(f"{arguments.dir} cannot be reached by user {NOBODY}; give --dir, for instance --dir /var/tmp")
    try:
        measure(arguments, content, work)
    finally:
        clear(work, root)


def measure(arguments, content, work):
    os.umask(0o022)
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@localhost",
        "GIT_COMMITTER_NAME": "bench", "GIT_COMMITTER_EMAIL": "bench@localhost",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PIP_NO_INPUT": "1",
    }
    runner = Runner(environment, work / "stderr")
    guard, binary = None, None
    if arguments.guard:
        guard = shlex.split(arguments.guard)
    elif content:
        (work / "bin").mkdir()
        binary = work / "bin/hlrp-sh"
        binary.write_bytes(content)
        binary.chmod(0o755)
        guard = [str(binary), "run", "--"]
    tools = find_tools(["guard", *arguments.against], guard, runner, work)
    describe(arguments, work, binary)
    chosen = [name for name in arguments.only if name in WORKLOADS]
    print_workloads(measure_workloads(chosen, tools, arguments.rounds, runner, work), tools)
    if "start" in arguments.only:
        print_start(measure_start(tools, arguments.starts, runner, work))
    if {"calls", "check"} & set(arguments.only):
        micro = build_micro(runner, work)
        two = {tool: tools[tool] for tool in ("native", "guard") if tool in tools}
        if micro and "calls" in arguments.only:
            print_calls(measure_calls(two, max(1, arguments.rounds // 2), runner, work, micro))
        if micro and "check" in arguments.only:
            if binary:
                rows = measure_check(binary, 50, runner, work, micro)
                table(["`hlrp-sh check LINE`", "wall min, ms", "median", "peak memory, MiB"], rows)
            else:
                say("no check: it needs the product's own binary")


def describe(arguments, work, binary):
    kind = subprocess.run(["stat", "-f", "-c", "%T", work], capture_output=True, text=True).stdout.strip()
    version = ""
    if binary:
        version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip() + ", "
    elif arguments.guard:
        version = f"`{arguments.guard}`, "
    cores = len(os.sched_getaffinity(0))
    print(f"{version}Linux {platform.release()}, {cores} cores, {kind}; {arguments.rounds} rounds, medians of paired ratios")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
