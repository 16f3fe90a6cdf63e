"""What a trained latent action model is judged by, on held-out episodes: does it predict better than a copy of the first
frame, does the prediction need the right codes, how many codes live, and what do they say about the hand."""

import numpy as np
import torch
from quantiser import perplexity
from torch.nn import functional as F

BATCH = 64
# Strengths of the probe's ridge; the best on a part of the training pairs is taken, so that no feature set is favoured.
RIDGES = (0.1, 1.0, 10.0, 100.0, 1000.0)


@torch.no_grad()
def encoded(model, pairs):
    """Deltas [n * s, d] and codes [n, s] of all pairs."""
    deltas, codes = [], []
    for chosen in batches(len(pairs)):
        delta = model.vq.delta(*model.encode(torch.from_numpy(pairs.video(chosen))))
        deltas.append(delta)
        codes.append(model.vq.nearest(delta).view(len(chosen), -1))
    return torch.cat(deltas), torch.cat(codes)


@torch.no_grad()
def prediction(model, pairs, vectors):
    """Mean squared error of the predicted frames, the code vectors [n * s, d] given."""
    total, vectors = 0.0, vectors.view(len(pairs), -1)
    for chosen in batches(len(pairs)):
        video = torch.from_numpy(pairs.video(chosen))
        actions = model.vq.decode(vectors[chosen], len(chosen))
        total += F.mse_loss(model.picture(video, actions), video[:, :, 1]).item() * len(chosen)
    return total / len(pairs)


def judge(model, held_out, train):
    """All measures; the probe is fitted on `train` and scored on `held_out`."""
    model.eval()
    entries = model.config.codebook_size
    deltas, codes = encoded(model, held_out)
    train_deltas, train_codes = encoded(model, train)
    shuffled = codes[torch.randperm(len(codes), generator=torch.Generator().manual_seed(0))]
    vectors = model.vq.codebooks.detach()
    mse, wrong = (prediction(model, held_out, vectors[those]) for those in (codes, shuffled))
    model.train()
    error = (deltas - vectors[codes.flatten()]).norm(dim=1)
    return {
        "mse": mse,
        "mse_continuous": prediction(model, held_out, deltas),
        "copy_first": copy_first(held_out),
        "shuffled_ratio": wrong / mse,
        "codes_used": len(codes.unique()),
        "perplexity": perplexity(codes, entries).item(),
        "sequences_used": len(codes.unique(dim=0)),
        "delta_norm": deltas.norm(dim=1).mean().item(),
        "quantisation_error": (error.square().sum() / deltas.square().sum()).item(),
        "r2_codes": probe(one_hot(train_codes, entries), train, one_hot(codes, entries), held_out),
        "r2_delta": probe(flat(train_deltas, train), train, flat(deltas, held_out), held_out),
    }


def controls(held_out, train, features):
    """The probe on the task alone, and on random features as many as the codes'."""
    tasks = int(max(train.task.max(), held_out.task.max())) + 1
    task = lambda pairs: one_hot(torch.from_numpy(pairs.task)[:, None], tasks)
    rng = np.random.default_rng(0)
    noise = lambda pairs: rng.standard_normal((len(pairs), features))
    return {
        "r2_task": probe(task(train), train, task(held_out), held_out),
        "r2_random": probe(noise(train), train, noise(held_out), held_out),
    }


def copy_first(pairs):
    total = 0.0
    for chosen in batches(len(pairs)):
        video = pairs.video(chosen)
        total += np.square(video[:, :, 0] - video[:, :, 1]).mean() * len(chosen)
    return float(total / len(pairs))


def probe(features, train, held_out_features, held_out):
    """R2 of a ridge regression to the hand's displacement, each axis in its own standard deviation."""
    scale = train.displacement.std(0)
    target, want = train.displacement / scale, held_out.displacement / scale
    cut = len(target) * 4 // 5
    scores = [r2(fitted(features[:cut], target[:cut], ridge), features[cut:], target[cut:]) for ridge in RIDGES]
    return r2(fitted(features, target, RIDGES[int(np.argmax(scores))]), held_out_features, want)


def fitted(features, target, ridge):
    mean, middle = features.mean(0), target.mean(0)
    centred = features - mean
    weights = np.linalg.solve(
        centred.T @ centred + ridge * np.eye(features.shape[1]), centred.T @ (target - middle)
    )
    return lambda x: (x - mean) @ weights + middle


def r2(predict, features, want):
    return float(1 - np.square(predict(features) - want).sum() / np.square(want - want.mean(0)).sum())


def one_hot(codes, entries):
    return F.one_hot(codes, entries).flatten(1).double().numpy()


def flat(deltas, pairs):
    values = deltas.view(len(pairs), -1).double().numpy()
    return values / values.std()


def batches(count):
    return (np.arange(at, min(at + BATCH, count)) for at in range(0, count, BATCH))
