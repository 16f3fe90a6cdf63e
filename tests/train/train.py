"""Trains a small latent action model on a data set of make_dataset.py, and judges it on held-out episodes.

usage: train.py DATA [KEY=VALUE...]     keys are the fields of Recipe; prints JSON lines, the last one is the verdict
       train.py DATA --out DIR [KEY=VALUE...]     also writes weights.safetensors and config.json, as codes.py reads them
"""

import dataclasses
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import episodes
import fixtures
import measures
import numpy as np
import torch
from lam import Config, Lam
from optimiser import Optimiser, Schedule
from quantiser import scheduled
from safetensors.torch import save_file


@dataclass(frozen=True)
class Recipe:
    seed: int = 0
    frame_step: int = 5
    batch: int = 32
    steps: int = 1000
    lr: float = 5e-4
    warmup: int = 50
    dim: int = 96
    depth: int = 2
    code_dim: int = 32
    codebook: int = 64
    code_seq_len: int = 4
    residual: bool = False
    # Steps without quantisation; then the codebook becomes the k-means centres of the encoder's deltas.
    continuous: int = 0
    kmeans: bool = False
    # The reference's schedules, at a fraction of their steps: [interval, until] and [threshold, until].
    replace: tuple = ((10, 100), (100, 1000), (500, 5000))
    threshold: tuple = ((0.05, 1000), (0.01, 5000))
    judge_every: int = 0
    held_out_pairs: int = 512
    probe_pairs: int = 2048


def main():
    torch.set_num_threads(1)
    data, *rest = sys.argv[1:]
    out = Path(rest[1]) if rest[:1] == ["--out"] else None
    recipe = parse(rest[2 if out else 0 :])
    train, held_out = episodes.read(data, recipe.frame_step)
    held_out, probed = held_out.thinned(recipe.held_out_pairs), train.thinned(recipe.probe_pairs)
    say(event="recipe", **dataclasses.asdict(recipe), train=len(train), held_out=len(held_out))
    torch.manual_seed(recipe.seed)
    model = Lam(config_of(recipe))
    say(event="controls", **untrained(model, held_out, probed), **measures.controls(
        held_out, probed, recipe.codebook * recipe.code_seq_len))
    start = time.process_time()
    for step in fit(model, recipe, train):
        if step == recipe.steps or (recipe.judge_every and step % recipe.judge_every == 0):
            verdict = measures.judge(model, held_out, probed)
            say(event="verdict", step=step, cpu=round(time.process_time() - start, 1), **verdict)
    if out:
        save(model, out)


def fit(model, recipe, train):
    """Trains, giving each step's number after it."""
    rng = np.random.default_rng(recipe.seed)
    optimiser = Optimiser(model, Schedule(lr=recipe.lr, warmup=recipe.warmup, steps=recipe.steps))
    if recipe.kmeans and not recipe.continuous:
        start_codebook(model, train)
    losses, replaced = [], 0
    for step in range(1, recipe.steps + 1):
        video = torch.from_numpy(train.video(rng.choice(len(train), recipe.batch)))
        noise = torch.randn(recipe.batch * recipe.code_seq_len, recipe.code_dim)
        loss, _, indices = model(video, noise, step, continuous=step <= recipe.continuous)
        norm, rate = optimiser.step(loss)
        losses.append(loss.item())
        if step == recipe.continuous and recipe.kmeans:
            start_codebook(model, train)
        interval = scheduled(recipe.replace, step)
        if interval and step > recipe.continuous and step % interval == 0:
            replaced += model.vq.replace_unused(scheduled(recipe.threshold, step, 0.005))
        if step % 50 == 0:
            say(event="step", step=step, loss=float(np.mean(losses[-50:])), norm=norm, rate=rate, replaced=replaced,
                codes=len(indices.unique()))
        yield step


def start_codebook(model, train):
    model.vq.initialise(measures.encoded(model, train.thinned(1024, seed=1))[0])


def untrained(model, held_out, train):
    """The probe on codes of the encoder as it is, with the best codebook it can have. Leaves the model unchanged."""
    kept = model.vq.codebooks.detach().clone()
    state = torch.get_rng_state()
    deltas, _ = measures.encoded(model, train)
    model.vq.initialise(deltas)
    verdict = measures.judge(model, held_out, train)
    model.vq.codebooks.data.copy_(kept)
    torch.set_rng_state(state)
    return {f"untrained_{name}": verdict[name] for name in ("r2_codes", "r2_delta", "delta_norm")}


def save(model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    save_file(fixtures.plain(model.state_dict()), folder / "weights.safetensors")
    (folder / "config.json").write_text(json.dumps(dataclasses.asdict(model.config), indent=1) + "\n")


def config_of(recipe):
    return Config(
        dim=recipe.dim, quant_dim=recipe.code_dim, codebook_size=recipe.codebook, image_size=64, patch_size=8,
        spatial_depth=recipe.depth, temporal_depth=recipe.depth, dim_head=32, heads=recipe.dim // 32,
        code_seq_len=recipe.code_seq_len, residual=recipe.residual,
    )


def parse(arguments):
    values = dict(argument.split("=", 1) for argument in arguments)
    return dataclasses.replace(Recipe(), **{name: json.loads(value) for name, value in values.items()})


def say(**values):
    print(json.dumps({name: round(v, 6) if isinstance(v, float) else v for name, v in values.items()}), flush=True)


if __name__ == "__main__":
    main()
