#!/usr/bin/env python3
"""Measures how many samples a second of a core's time are loaded, beside the official loader, and prints Markdown.

    benches/data.py LOAD DATASET... [--rounds N] [--batches N] [--batch-size N] [--python PATH]

LOAD is the program of `cargo bench -p hlrp-train --bench load --no-run`. Ours and lerobot's take turns, each in a process
and a thread of its own: pictures of frames 0 and 5, state and action, batches in a shuffled order. What counts is the
thread's (Python: the process's) time on a core after the first batch; a ratio is the median over the rounds of
(ours / lerobot's) in the same round. PYTHON has lerobot 0.4.4 (`tests/train/install.sh`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

VENV = Path("~/.cache/hlrp-sh-tests/lam-2.11.0/bin/python").expanduser()
OFFICIAL = """
import json, sys, time
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

torch.set_num_threads(1)
root, batches, batch_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
start = time.perf_counter()
plain = LeRobotDataset("hlrp/bench", root=root)
deltas = {key: [0, 5 / plain.fps] for key in plain.meta.camera_keys}
deltas |= {"observation.state": [0], "action": [0]}
dataset = LeRobotDataset("hlrp/bench", root=root, delta_timestamps=deltas)
forever = torch.utils.data.RandomSampler(dataset, replacement=True, num_samples=(batches + 1) * batch_size)
loader = iter(torch.utils.data.DataLoader(dataset, batch_size=batch_size, sampler=forever))
next(loader)
first = time.perf_counter() - start
wall, cpu, samples = time.perf_counter(), time.process_time(), 0
for batch in loader:
    samples += len(batch["index"])
print(json.dumps({"samples": samples, "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "first_s": first}))
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("load", type=Path)
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--python", default=os.environ.get("HLRP_LAM_PYTHON", VENV))
    options = parser.parse_args()
    print("| data set | lerobot, samples/core-s | ours | ratio | first batch, lerobot | ours |")
    print("| --- | --- | --- | --- | --- | --- |")
    for dataset in options.datasets:
        print(row(dataset, options), flush=True)


def row(dataset, options):
    size = [str(dataset), str(options.batches), str(options.batch_size)]
    theirs, ours = [], []
    for _ in range(options.rounds):
        theirs.append(run([options.python, "-c", OFFICIAL, *size]))
        ours.append(run([options.load, *size]))
    rate = lambda measured: measured["samples"] / measured["cpu_s"]
    median = lambda of, measured: statistics.median(map(of, measured))
    ratio = statistics.median(rate(our) / rate(their) for our, their in zip(ours, theirs))
    first = lambda measured: measured["first_s"]
    return (
        f"| {dataset.name} | {median(rate, theirs):.0f} | {median(rate, ours):.0f} | {ratio:.1f} × "
        f"| {median(first, theirs):.2f} s | {median(first, ours):.3f} s |"
    )


def run(command):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment)
    if ran.returncode != 0:
        sys.exit(ran.stderr)
    return json.loads(ran.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
