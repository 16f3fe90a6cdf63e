"""Reads a small LeRobot v3.0 image data set whole into memory: no more than what the recipe search needs."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
from PIL import Image

CAMERA = "observation.images.image"
HELD_OUT_EVERY = 5


@dataclass
class Pairs:
    """Frames `step` apart within an episode; the hand's displacement between them is what a probe should find."""

    frames: np.ndarray
    first: np.ndarray
    last: np.ndarray
    displacement: np.ndarray
    task: np.ndarray

    def __len__(self):
        return len(self.first)

    def thinned(self, count, seed=0):
        chosen = np.random.default_rng(seed).permutation(len(self))[:count]
        return Pairs(self.frames, *(part[chosen] for part in (self.first, self.last, self.displacement, self.task)))

    def video(self, chosen):
        """Float video [b, 3, 2, h, w] of the chosen pairs."""
        pair = np.stack((self.frames[self.first[chosen]], self.frames[self.last[chosen]]), axis=1)
        return np.ascontiguousarray(pair.transpose(0, 4, 1, 2, 3), dtype=np.float32) / 255


def read(root, step):
    """Pairs to train on, and those of every fifth episode, held out."""
    columns = [CAMERA, "episode_index", "task_index", "observation.state"]
    tables = [parquet.read_table(path, columns=columns) for path in sorted(Path(root).glob("data/*/*.parquet"))]
    column = lambda name: np.concatenate([np.stack(t[name].to_numpy(zero_copy_only=False)) for t in tables])
    frames, episode, task, state = pixels(root, tables), *map(column, columns[1:])
    first = np.flatnonzero(episode[step:] == episode[:-step])
    last = first + step
    pairs = Pairs(frames, first, last, (state[last] - state[first])[:, :3], task[first])
    held_out = episode[first] % HELD_OUT_EVERY == HELD_OUT_EVERY - 1
    return select(pairs, ~held_out), select(pairs, held_out)


def pixels(root, tables):
    """Decoded once, and kept beside the data set."""
    cache = Path(f"{root}.frames.npy")
    if not cache.exists():
        cells = [cell for table in tables for cell in table[CAMERA].to_pylist()]
        np.save(cache, np.stack([np.asarray(Image.open(io.BytesIO(cell["bytes"]))) for cell in cells]))
    return np.load(cache)


def select(pairs, mask):
    return Pairs(pairs.frames, pairs.first[mask], pairs.last[mask], pairs.displacement[mask], pairs.task[mask])
