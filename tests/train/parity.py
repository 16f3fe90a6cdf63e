"""Compares the oracle with a fixture: forward, gradients, and the curve of the recorded steps.

usage: parity.py FIXTURE_DIR        exits 1 where they differ by more than the tolerances below
"""

import sys
from pathlib import Path

import torch
from fixtures import load
from lam import Lam
from optimiser import Optimiser
from quantiser import perplexity

FORWARD, GRADIENT, CURVE = 1e-5, 1e-4, 1e-4
# A gradient that is zero but for rounding (the bias that the softmax cancels) has no relative error.
ROUNDING = 1e-6


def main():
    torch.set_num_threads(1)
    fixture = load(Path(sys.argv[1]))
    worst = {
        "forward, absolute": (forward(fixture), FORWARD),
        "gradients, relative": (gradients(fixture), GRADIENT),
        f"curve of {len(fixture.curve['curve'])} steps, relative": (curve(fixture), CURVE),
    }
    for what, (value, limit) in worst.items():
        print(f"{what}: {value:.2e} (at most {limit:.0e})")
    sys.exit(any(not value <= limit for value, limit in worst.values()))


def model(fixture):
    lam = Lam(fixture.config)
    lam.load_state_dict(fixture.weights, strict=True)
    return lam


@torch.no_grad()
def forward(fixture):
    lam, want = model(fixture), fixture.tensors
    first, last = lam.encode(want["in.video"])
    loss, parts, indices = lam(want["in.video"], want["in.noise"], fixture.step, want.get("in.gt_flow"))
    got = {"out.first_tokens": first, "out.last_tokens": last, "out.loss": loss, "out.indices": indices}
    got |= {f"metric.{name}_loss": value for name, value in parts.items()}
    got["out.recon"] = lam.picture(want["in.video"], lam.vq(first, last, want["in.noise"])[0])
    got["out.inference"] = lam.picture(want["in.video"], lam.vq(first, last)[0])
    return max((value - want[name]).abs().max().item() for name, value in got.items())


def gradients(fixture):
    lam, want = model(fixture), fixture.tensors
    lam(want["in.video"], want["in.noise"], fixture.step, want.get("in.gt_flow"))[0].backward()
    worst = 0.0
    for name, parameter in lam.named_parameters():
        expected = want.get(f"grad.{name}")
        if (expected is None) != (parameter.grad is None):
            raise SystemExit(f"`{name}` has a gradient on one side only")
        if expected is not None and expected.numel():
            worst = max(worst, ((parameter.grad - expected).norm() / expected.norm().clamp_min(ROUNDING)).item())
    return worst


def curve(fixture):
    lam, want = model(fixture), fixture.tensors
    optimiser, columns, worst = Optimiser(lam, fixture.schedule), fixture.columns, 0.0
    for index, (noise, row) in enumerate(zip(fixture.curve["noise"], fixture.curve["curve"])):
        loss, parts, indices = lam(want["in.video"], noise, index + 1, want.get("in.gt_flow"))
        norm, rate = optimiser.step(loss)
        got = {name: value.item() for name, value in parts.items()}
        got |= {"loss": loss.item(), "grad_norm": norm, "lr": rate}
        got["perplexity"] = perplexity(indices, fixture.config.codebook_size).item()
        # The norm of the gradient amplifies rounding over many steps; what is promised is the loss.
        for name, value in zip(columns, row.tolist()):
            if name != "grad_norm":
                worst = max(worst, abs(got[name] - value) / max(abs(value), 1e-12))
    return worst


if __name__ == "__main__":
    main()
