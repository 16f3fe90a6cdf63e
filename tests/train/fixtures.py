"""Reads and makes parity fixtures: `weights`, `fixture` (inputs, noise, outputs, gradients of one step), `curve` (noise and
losses of many), each a safetensors file, and `meta.json`.

usage: fixtures.py OUT [NAME...]    makes those below, or only the named, each in OUT/NAME
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from lam import Config, Lam
from optimiser import Optimiser, Schedule
from quantiser import perplexity
from safetensors.torch import load_file, save_file

SMALL = {"dim": 32, "quant_dim": 16, "codebook_size": 32, "spatial_depth": 2, "temporal_depth": 2, "dim_head": 16, "heads": 2}
TINY = SMALL | {"dim": 16, "quant_dim": 8, "spatial_depth": 1, "temporal_depth": 1, "dim_head": 8}
GRID_8, GRID_16 = {"image_size": 32, "patch_size": 4}, {"image_size": 64, "patch_size": 4}
FIXTURES = {
    "tiny-s1": TINY | GRID_8 | {"code_seq_len": 1},
    **{f"grid8-s{length}": SMALL | GRID_8 | {"code_seq_len": length} for length in (1, 2, 4)},
    "residual-s4": SMALL | GRID_8 | {"code_seq_len": 4, "residual": True},
    **{f"grid16-s{length}": SMALL | GRID_16 | {"code_seq_len": length} for length in (1, 4, 16)},
}
FLOW = {"loss_weight": 5.0, "decoder_depth": 1, "warmup_steps": 10, "summary_loss_weight": 0.05}
COLUMNS = ["loss", "pixel", "aux", "flow", "grad_norm", "lr", "perplexity"]
LR, MIN_LR, WARMUP, STEPS = 3e-4, 1e-6, 20, 200
# The step at which the outputs and gradients are taken: half way up the flow loss's warm-up.
STEP = 5


@dataclass
class Fixture:
    config: Config
    schedule: Schedule
    columns: list
    step: int
    weights: dict
    tensors: dict
    curve: dict


def load(folder):
    meta = json.loads((folder / "meta.json").read_text())
    read = lambda name: load_file(folder / f"{name}.safetensors")
    return Fixture(
        config=config_of(meta["config"], meta["flow"]),
        schedule=Schedule(lr=meta["lr"], warmup=meta["warmup"], steps=meta["steps"], min_lr=meta["min_lr"]),
        columns=meta["columns"],
        step=meta.get("step", STEP),
        weights=read("weights"),
        tensors=read("fixture"),
        curve=read("curve"),
    )


def config_of(model, flow):
    known = {name: value for name, value in model.items() if name in Config.__dataclass_fields__}
    return Config(
        **known, flow_depth=flow["decoder_depth"], flow_weight=flow["loss_weight"], flow_warmup=flow["warmup_steps"],
        flow_summary_weight=flow["summary_loss_weight"],
    )


def make(folder, model):
    torch.manual_seed(0)
    # Attention over 256 tokens is slow enough with two.
    batch = 4 if model["image_size"] // model["patch_size"] == 8 else 2
    model = model | {"use_pixel_decoder": True, "use_aux_decoder": True}
    config = config_of(model, FLOW)
    lam, size = Lam(config), config.image_size
    tensors = {
        "in.video": torch.rand(batch, 3, 2, size, size),
        "in.gt_flow": 3 * torch.randn(batch, 2, size, size),
        "in.noise": torch.randn(batch * config.code_seq_len, config.quant_dim),
    }
    spread_codes(lam, tensors["in.video"])
    if config.residual:
        wake(lam)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(plain(lam.state_dict()), folder / "weights.safetensors")
    tensors |= one_step(lam, tensors)
    curve = many_steps(lam, tensors)
    save_file(tensors, folder / "fixture.safetensors")
    save_file(curve, folder / "curve.safetensors")
    meta = {"config": model, "flow": FLOW, "columns": COLUMNS, "lr": LR, "warmup": WARMUP, "min_lr": MIN_LR}
    meta |= {"torch": torch.__version__, "steps": STEPS, "step": STEP}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")


@torch.no_grad()
def spread_codes(lam, video):
    """Puts entries near the batch's own deltas, so that it uses several: from N(0,1) all would fall on one."""
    delta = lam.vq.delta(*lam.encode(video))
    entries = len(lam.vq.codebooks)
    copies = delta.repeat(entries // len(delta) + 1, 1)[:entries]
    lam.vq.codebooks.copy_(copies + delta.std() * torch.randn_like(copies))


@torch.no_grad()
def wake(lam):
    """Moves the heads away from zero, behind which no gradient reaches anything."""
    for head in (lam.pixel_to_pixels[0], lam.aux_to_pixels[0]):
        head.weight.normal_(std=0.02)


def one_step(lam, tensors):
    video, noise = tensors["in.video"], tensors["in.noise"]
    loss, parts, indices = lam(video, noise, STEP, tensors["in.gt_flow"])
    loss.backward()
    out = {f"grad.{name}": p.grad for name, p in lam.named_parameters() if p.grad is not None}
    out |= {f"metric.{name}_loss": value.detach().view(1) for name, value in parts.items()}
    with torch.no_grad():
        first, last = lam.encode(video)
        out |= {"out.first_tokens": first, "out.last_tokens": last, "out.indices": indices, "out.loss": loss.detach().view(1)}
        out["out.recon"] = lam.picture(video, lam.vq(first, last, noise)[0])
        out["out.inference"] = lam.picture(video, lam.vq(first, last)[0])
    return plain(out)


def many_steps(lam, tensors):
    optimiser, rows = Optimiser(lam, Schedule(lr=LR, warmup=WARMUP, steps=STEPS, min_lr=MIN_LR)), []
    noise = torch.randn(STEPS, *tensors["in.noise"].shape)
    for index in range(STEPS):
        loss, parts, indices = lam(tensors["in.video"], noise[index], index + 1, tensors["in.gt_flow"])
        norm, rate = optimiser.step(loss)
        used = perplexity(indices, lam.config.codebook_size)
        losses = (loss, parts["pixel"], parts["aux"], parts["flow"])
        rows.append([*(value.item() for value in losses), norm, rate, used.item()])
    return {"noise": noise, "curve": torch.tensor(rows, dtype=torch.float64)}


def plain(tensors):
    """Contiguous copies: the format holds neither views nor one tensor under several names."""
    return {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}


def main():
    torch.set_num_threads(1)
    for name in sys.argv[2:] or FIXTURES:
        make(Path(sys.argv[1]) / name, FIXTURES[name])


if __name__ == "__main__":
    main()
