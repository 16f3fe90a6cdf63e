"""Compares steps a second of the native model with those of PyTorch eager: same model, batch and threads, in turns.

usage: compare.py STEP_BINARY [ROUNDS]      run by a Python that has torch (tests/train/install.sh); STEP_BINARY is
                                            what `cargo bench -p hlrp-train --features torch --bench step --no-run` names
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests/train"))

WARM = 5
SMALL = {"dim": 96, "quant_dim": 32, "codebook_size": 64, "image_size": 64, "patch_size": 8, "spatial_depth": 2,
         "temporal_depth": 2, "dim_head": 32, "heads": 3, "code_seq_len": 4, "use_pixel_decoder": True}
CASES = {
    "small, batch 16": (SMALL, 16, 20),
    "wide 384, batch 8": (SMALL | {"dim": 384, "heads": 6, "dim_head": 64, "image_size": 256, "patch_size": 32,
                                   "spatial_depth": 4, "temporal_depth": 4, "codebook_size": 512, "code_seq_len": 1}, 8, 6),
}
REST = {"channels": 3, "attn_dropout": 0.0, "ff_dropout": 0.0, "vq_discarding_threshold": 0.02}


def main():
    binary, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    os.environ["OMP_NUM_THREADS"] = "1"
    for name, (config, batch, steps) in CASES.items():
        pairs = []
        for _ in range(rounds):
            pairs.append((native(binary, config, batch, steps), eager(config, batch, steps)))
            print(f"  {name}: native {pairs[-1][0]:.2f}, eager {pairs[-1][1]:.2f} steps/s", flush=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        print(f"{name}: {ratio:.2f} times PyTorch eager (median of {rounds})", flush=True)


def native(binary, config, batch, steps):
    command = [binary, json.dumps(config | REST), str(batch), str(steps)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["steps_per_second"]


def eager(config, batch, steps):
    command = [sys.executable, __file__, "--eager", json.dumps(config), str(batch), str(steps)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_eager(config, batch, steps):
    import torch
    from lam import Config, Lam
    from optimiser import Optimiser, Schedule

    torch.set_num_threads(1)
    known = {field.name for field in dataclasses.fields(Config)}
    config = Config(**{name: value for name, value in config.items() if name in known})
    lam = Lam(config)
    optimiser = Optimiser(lam, Schedule())
    video = torch.rand(batch, 3, 2, config.image_size, config.image_size)
    for step in range(1, WARM + steps + 1):
        if step == WARM + 1:
            start = time.perf_counter()
        noise = torch.randn(batch * config.code_seq_len, config.quant_dim)
        loss, _, _ = lam(video, noise, step)
        optimiser.step(loss)
        loss.item()
    print(steps / (time.perf_counter() - start))


if __name__ == "__main__":
    if sys.argv[1] == "--eager":
        run_eager(json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
