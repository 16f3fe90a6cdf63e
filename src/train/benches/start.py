"""Measures the time from the start of a training to its first step, on data that the kernel has cached.

usage: start.py HLRP_TRAIN DATASET [ROUNDS]      HLRP_TRAIN is the program (with hlrp-train-torch beside it); run from the
                                                 root of the repository, whose config/ it composes
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIRST = "step 1 of"


def main():
    program, dataset = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    started(program, dataset)
    seconds = [started(program, dataset) for _ in range(rounds)]
    shown = ", ".join(f"{one:.2f}" for one in seconds)
    print(f"start to first step: {statistics.median(seconds):.2f} s (median of {rounds}: {shown})")


def started(program, dataset):
    with tempfile.TemporaryDirectory() as folder:
        command = [
            program, "train", "experiment=stage1_native", f"data.path={dataset}", f"logging.root_dir={folder}",
            f"logging.runs_dir={folder}", "training.log_every_n_steps=1",
        ]
        begun = time.perf_counter()
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}) as run:
            said = []
            for line in run.stderr:
                said.append(line)
                if FIRST in line:
                    break
            took = time.perf_counter() - begun
            run.kill()
    if FIRST not in said[-1]:
        sys.exit("".join(said))
    return took


if __name__ == "__main__":
    main()
