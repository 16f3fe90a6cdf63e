#!/usr/bin/env python3
"""How long `hlrp-sh results` takes over many runs: sweeps of 100 points, made afresh in a temporary directory.

    benches/results.py --binary target/release/hlrp-sh --runs 10000
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

CONFIG = "".join(f"group{number}:\n  key: {number}\n  other: value\n" for number in range(60))


def make(place, count):
    for sweep in range(max(1, count // 100)):
        stamp = f"2026-{sweep % 12 + 1:02}-{sweep // 12 % 28 + 1:02}_12-00-{sweep % 60:02}"
        group = os.path.join(place, f"{stamp}_lr{sweep}")
        points = []
        for point in range(min(100, count)):
            directory = f"{group}_{point}"
            os.makedirs(directory)
            with open(os.path.join(directory, "config.yaml"), "w") as file:
                file.write(f"lr: {point}\nexperiment:\n  name: lr{sweep}\n{CONFIG}logging:\n  runs_dir: {directory}\n")
            with open(os.path.join(directory, "metrics.jsonl"), "w") as file:
                for step in range(50):
                    file.write(json.dumps({"step": step, "loss": point / (step + 1), "val/loss": point / 7}) + "\n")
            points.append({"directory": directory, "name": f"lr_{point}", "overrides": [f"lr={point}"]})
        os.makedirs(group)
        manifest = {"schema": "hlrp.manifest/1", "id": stamp, "created": stamp, "project": place, "experiment": f"lr{sweep}",
                    "overrides": ["lr=range(100)"], "commit": "0" * 40, "points": points, "jobs": [],
                    "runs": [{"directory": one["directory"], "script": "x", "status": 0, "is_begun": True, "seconds": 60}
                             for one in points]}
        with open(os.path.join(group, "manifest.json"), "w") as file:
            json.dump(manifest, file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        make(place, options.runs)
        taken = []
        for _ in range(options.times):
            begin = time.monotonic()
            command = [options.binary, "results", "--runs", place, "--by", "loss", "--csv"]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            taken.append(time.monotonic() - begin)
            assert said.count("\n") == options.runs + 1, said.count("\n")
    print(f"{options.runs} runs: median {statistics.median(taken) * 1000:.0f} ms, worst {max(taken) * 1000:.0f} ms "
          f"of {options.times}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
