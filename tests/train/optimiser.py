"""AdamW with the reference's two groups, clipping by norm, and linear warm-up followed by a cosine."""

import math
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Schedule:
    lr: float = 1e-4
    warmup: int = 1000
    steps: int = 200_000
    start_lr: float = 1e-6
    min_lr: float = 1e-6
    weight_decay: float = 0.01
    clip: float = 1.0

    def at(self, index):
        """The rate of the step with this index, counted from 0."""
        if index < self.warmup:
            return self.start_lr + (self.lr - self.start_lr) * index / self.warmup
        done = min(1.0, (index - self.warmup) / max(1, self.steps - self.warmup))
        return self.min_lr + (self.lr - self.min_lr) * (1 + math.cos(math.pi * done)) / 2


class Optimiser:
    def __init__(self, model, schedule):
        self.schedule, self.index = schedule, 0
        self.parameters = list(model.parameters())
        # What has one dimension (biases, gains, scales) does not decay.
        decaying = [p for p in self.parameters if p.ndim >= 2]
        others = [p for p in self.parameters if p.ndim < 2]
        groups = [{"params": decaying, "weight_decay": schedule.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.adam = torch.optim.AdamW(groups, lr=schedule.lr, betas=(0.9, 0.999), eps=1e-8)

    def step(self, loss):
        """Backward, clip, step; gives the norm of the gradient before clipping and the rate used."""
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.schedule.clip)
        rate = self.schedule.at(self.index)
        for group in self.adam.param_groups:
            group["lr"] = rate
        self.adam.step()
        self.index += 1
        return norm.item(), rate
