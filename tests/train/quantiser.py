"""Noise-substitution vector quantisation of the change between two frames (NSVQ), with replacement of unused entries."""

import torch
from torch import nn

NOISE_FLOOR = 1e-12
REPLACEMENT_SPREAD = 0.02


class Quantiser(nn.Module):
    def __init__(self, dim, code_dim, entries, grid, code_seq_len):
        super().__init__()
        self.grid, self.code_dim, self.code_seq_len = grid, code_dim, code_seq_len
        self.project_in = nn.Linear(dim, code_dim)
        self.project_out = nn.Linear(code_dim, dim)
        self.cnn_encoder = grid_encoder(code_dim, grid, code_seq_len)
        self.codebooks = nn.Parameter(torch.randn(entries, code_dim))
        self.register_buffer("codebooks_used", torch.zeros(entries, dtype=torch.int32), persistent=False)

    def forward(self, first, last, noise=None):
        """Action tokens and indices of the batch. With `noise` the quantisation error is replaced by noise of its length,
        through which gradients reach both encoder and codebook; without it the tokens are the entries themselves."""
        delta = self.delta(first, last)
        indices = self.nearest(delta)
        if noise is None:
            return self.decode(self.codebooks[indices], len(first)), indices.view(len(first), -1)
        with torch.no_grad():
            self.codebooks_used.index_add_(0, indices, torch.ones_like(indices, dtype=torch.int32))
        noise = noise.reshape(delta.shape)
        error = (delta - self.codebooks[indices]).square().sum(1, keepdim=True).sqrt()
        length = noise.square().sum(1, keepdim=True).sqrt()
        quantised = delta + (error / length + NOISE_FLOOR) * noise
        return self.decode(quantised, len(first)), indices.view(len(first), -1)

    def bypass(self, first, last):
        """As `forward`, but the tokens are the deltas themselves."""
        delta = self.delta(first, last)
        return self.decode(delta, len(first)), self.nearest(delta.detach()).view(len(first), -1)

    def delta(self, first, last):
        return self.encode(last) - self.encode(first)

    def encode(self, tokens):
        """`b (h w) d` to `(b s) d`: one vector for each cell the convolutions leave."""
        grid = self.project_in(tokens).transpose(1, 2).unflatten(2, (self.grid, self.grid))
        return self.cnn_encoder(grid).flatten(2).transpose(1, 2).reshape(-1, self.code_dim)

    def nearest(self, delta):
        squares = delta.square().sum(1, keepdim=True) + self.codebooks.t().square().sum(0, keepdim=True)
        return (squares - 2 * delta @ self.codebooks.t()).argmin(1)

    def decode(self, vectors, batch):
        """Reads `(b s) d` as `b d s`, as the reference does: for s > 1 each token is a mixture of the s vectors."""
        return self.project_out(vectors.reshape(batch, self.code_dim, self.code_seq_len).transpose(1, 2))

    @torch.no_grad()
    def initialise(self, deltas, rounds=20, generator=None):
        """Sets the entries to the k-means centres of `deltas`; one that attracts nothing starts anew at a random delta."""
        entries = len(self.codebooks)
        pick = lambda count: torch.randperm(len(deltas), generator=generator)[:count]
        self.codebooks.copy_(deltas[pick(entries)])
        for _ in range(rounds):
            nearest = self.nearest(deltas)
            counts = torch.bincount(nearest, minlength=entries)
            sums = torch.zeros_like(self.codebooks).index_add_(0, nearest, deltas)
            self.codebooks.copy_(sums / counts.clamp_min(1)[:, None])
            empty = (counts == 0).nonzero().flatten()
            self.codebooks[empty] = deltas[pick(len(empty))]
        self.codebooks_used.zero_()

    @torch.no_grad()
    def replace_unused(self, threshold, generator=None):
        """Moves entries used less than `threshold` of the expected count next to used ones; gives how many it moved."""
        entries = len(self.codebooks)
        least = threshold * self.codebooks_used.sum() / entries
        unused = (self.codebooks_used < least).nonzero().flatten()
        used = (self.codebooks_used >= least).nonzero().flatten()
        self.codebooks_used.zero_()
        if not len(used) or not len(unused):
            return 0
        copies = used.repeat(len(unused) // len(used) + 1)
        copies = copies[torch.randperm(len(copies), generator=generator)][: len(unused)]
        spread = REPLACEMENT_SPREAD * torch.randn(len(unused), self.code_dim, generator=generator)
        self.codebooks[unused] = self.codebooks[copies] + spread
        return len(unused)


def perplexity(indices, entries):
    share = torch.bincount(indices.flatten(), minlength=entries) / indices.numel()
    return torch.exp(-(share * torch.log(share + NOISE_FLOOR)).sum())


def scheduled(pairs, step, default=None):
    """The value of the first `[value, until]` that still holds at `step`."""
    return next((value for value, until in pairs if step < until), default)


def grid_encoder(dim, grid, code_seq_len):
    """Convolutions that leave `code_seq_len` cells of the grid; from 16x16 one more halving comes first."""
    kernels = {8: {1: (4, 4), 2: (3, 4), 4: (3, 3)}, 16: {1: (4, 4), 4: (3, 3), 16: None, 64: None}}
    if code_seq_len not in kernels.get(grid, {}):
        raise ValueError(f"code_seq_len {code_seq_len} on a grid of {grid}x{grid}: there are {kernels}")
    half = lambda: nn.Conv2d(dim, dim, 3, stride=2, padding=1)
    layers = [half()] if grid == 8 or code_seq_len == 64 else [half(), nn.ReLU(), half()]
    last = kernels[grid][code_seq_len]
    return nn.Sequential(*layers, *([nn.ReLU(), nn.Conv2d(dim, dim, last)] if last else []))
