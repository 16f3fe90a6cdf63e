#!/usr/bin/env python3
"""Measures what composing and submitting cost, and prints Markdown.

    benches/compose.py [--rounds N] [--binary PATH] [--python PATH] [--points N] [--queue]

Ours and the real Hydra take turns, each as a process of its own on the same tree of this repository; CPU is user +
system time of that process and its children. A ratio is the median over the rounds of (Hydra / ours) in the same round.
`--python` is an interpreter that has hydra-core 1.3.2: where HLRP_HYDRA_PYTHON names none, Hydra is left out. `--queue`
really queues an array of 1,000 jobs of `experiment=smoke`, held, on the cluster of this machine, and cancels it again.
"""

import argparse
import datetime
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRIPLE = "x86_64-unknown-linux-gnu"
CASE = ["experiment=stage3_cluster", "cluster=lrz_h100"]
HYDRA = """
import sys
from hydra import compose, initialize_config_dir
with initialize_config_dir(config_dir=sys.argv[1], version_base=None):
    compose(config_name="config", overrides=sys.argv[2:])
"""


class Failed(Exception):
    """A run that did not end with 0."""


class Sample:
    """CPU seconds, wall seconds and the largest resident set in MiB of one run, and what it said."""

    def __init__(self, command, environment, cwd=ROOT):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            began = datetime.datetime.now()
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            process = subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.wall = (datetime.datetime.now() - began).total_seconds()
            self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            self.rss = usage.ru_maxrss / 1024
            out.seek(0)
            err.seek(0)
            self.text = out.read().decode(errors="replace")
            if process.returncode != 0:
                talk = " / ".join(err.read().decode(errors="replace").strip().splitlines()[-3:])
                raise Failed(f"status {process.returncode}: {' '.join(command[:4])}: {talk}")


def find_binary(given):
    candidates = [given] if given else [ROOT / "target" / TRIPLE / "release/hlrp-sh", ROOT / "target/release/hlrp-sh"]
    for candidate in candidates:
        if Path(candidate).is_file():
            return str(Path(candidate).resolve())
    sys.exit("no binary; build with `cargo build --release`, or give --binary")


def find_python(given):
    python = given or os.environ.get("HLRP_HYDRA_PYTHON")
    if python and subprocess.run([python, "-c", "import hydra"], capture_output=True).returncode == 0:
        return python
    say("no Hydra: HLRP_HYDRA_PYTHON names no interpreter that has it")
    return None


def environment(home):
    """A home of its own, whose DSS directory is there, so that nothing of the caller's is read or written."""
    dss = Path(home, "dss")
    dss.mkdir()
    image = dss / "image.sqsh"
    image.write_bytes(b"hsqs")
    return {"PATH": os.environ["PATH"], "HOME": str(home), "HLRP_DSS": str(dss), "LANG": "C.UTF-8"}, image


# --------------------------------------------------------------- the rounds


def measure_compose(binary, python, rounds, around):
    """Ours, Hydra and a Python that does nothing take turns. Returns {name: [Sample a round]}."""
    commands = {"hlrp-sh compose": [binary, "compose", *CASE]}
    if python:
        commands["Hydra 1.3"] = [python, "-c", HYDRA, str(ROOT / "config"), *CASE]
        commands["python -c pass"] = [python, "-c", "pass"]
    samples = {name: [] for name in commands}
    for number in range(rounds + 1):  # the first round warms caches and does not count
        order = list(commands)
        order = order[number % len(order) :] + order[: number % len(order)]
        for name in order:
            repeats = 20 if name == "hlrp-sh compose" else 1
            found = [Sample(commands[name], around) for _ in range(repeats)]
            if number:
                samples[name].append(mean(found))
    return samples


def mean(found):
    """One sample of several: a run of a few milliseconds alone is below the clock's grain."""
    first = found[0]
    first.cpu = statistics.fmean(sample.cpu for sample in found)
    first.wall = statistics.fmean(sample.wall for sample in found)
    first.rss = max(sample.rss for sample in found)
    return first


def measure_sweep(binary, points, rounds, around, image):
    """A dry run of a sweep, each point composed."""
    sweep = ",".join(str(point) for point in range(points))
    # This repository has no training program of stage 3, hence a command in its place.
    train = "submit.command=[python,train.py]"
    command = [binary, "submit", "experiment=stage3_cluster", "cluster=lrz_h100", f"seed={sweep}", f"images.lerobot={image}", train]
    return [Sample([*command, "--dry-run"], around) for _ in range(rounds + 1)][1:]


def measure_queue(binary, points, around):
    """An array really queued, held, and cancelled again. Returns the sample."""
    sweep = ",".join(str(point) for point in range(points))
    cluster = os.environ.get("HLRP_CLUSTER", "lrz_cpu_only")
    sample = Sample([binary, "submit", "experiment=smoke", f"cluster={cluster}", f"seed={sweep}", "--json"], around)
    jobs = sorted(set(re.findall(r'"(?:job|job_id|array)":\s*"?(\d+)', sample.text)))
    for job in jobs:
        subprocess.run(["scancel", job], check=False)
    return sample


# ------------------------------------------------------------------- tables


def rows_of_compose(samples):
    rows = []
    theirs = samples.get("Hydra 1.3")
    for name, found in samples.items():
        cpu = statistics.median(sample.cpu for sample in found)
        rss = max(sample.rss for sample in found)
        ratio = ""
        if theirs and name == "hlrp-sh compose":
            ratio = f"{statistics.median(b.cpu / a.cpu for a, b in zip(found, theirs) if a.cpu):.0f} × less"
        rows.append([f"{name}: `stage3_cluster`, cold, one process", f"{cpu * 1e3:.1f} ms", f"{rss:.0f} MB", ratio])
    return rows


def row_of(title, found, goal):
    cpu = statistics.median(sample.cpu for sample in found)
    return [title, f"{cpu * 1e3:.1f} ms", f"{max(sample.rss for sample in found):.0f} MB", goal]


def table(titles, rows):
    print("| " + " | ".join(titles) + " |")
    print("|" + "|".join([" --- "] + [" ---: "] * (len(titles) - 1)) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def say(line):
    print(line, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--binary")
    parser.add_argument("--python")
    parser.add_argument("--points", type=int, default=100, help="of the sweep's dry run")
    parser.add_argument("--queue", action="store_true", help="queue an array of 1,000 on this machine's cluster")
    parser.add_argument("--json", help="the samples, as JSON, to this file")
    options = parser.parse_args()
    binary, python = find_binary(options.binary), find_python(options.python)

    rows, kept = [], {}
    with tempfile.TemporaryDirectory(prefix="hlrp-bench-") as home:
        around, image = environment(home)
        try:
            samples = measure_compose(binary, python, options.rounds, around)
            rows += rows_of_compose(samples)
            kept.update(samples)
        except Failed as fault:
            say(f"no composing: {fault}")
        for title, measure in (
            (f"dry run of a sweep of {options.points}, each composed", lambda: measure_sweep(binary, options.points, options.rounds, around, image)),
            ("array of 1,000 queued", lambda: [measure_queue(binary, 1000, dict(os.environ))] if options.queue else []),
        ):
            try:
                found = measure()
            except Failed as fault:
                say(f"no {title}: {fault}")
                continue
            if found:
                rows.append(row_of(title, found, ""))
                kept[title] = found

    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()
    today = datetime.date.today().isoformat()
    print(f"Measured {today} with `benches/compose.py --rounds {options.rounds}`: {version}, Linux {platform.release()}, "
          f"{os.cpu_count()} cores; medians, ratios paired by round.\n")
    table(["what", "CPU", "largest RSS", "against Hydra"], rows)
    if options.json:
        text = {name: [{"cpu": s.cpu, "wall": s.wall, "rss": s.rss} for s in found] for name, found in kept.items()}
        Path(options.json).write_text(json.dumps(text, indent=1))


if __name__ == "__main__":
    main()
