"""Writes small LeRobot data sets with the official writer, and what the official loader (lerobot 0.4.4) gives for every
sample of them, for `src/train/tests/data/official.rs` to compare with.

usage: compare_data.py OUT [DATASET...]

OUT/image, OUT/h264 and OUT/av1 are made where no DATASET is named. Of each data set NAME come

    OUT/NAME.json   the request, and of each sample its index, task, state, action, flow and what is padding
    OUT/NAME.u8     the pictures of all samples: [samples, cameras, times, 3, height, width]
    OUT/NAME.resized the same, resized by torchvision (bilinear, antialiased) to the size that the request names
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset
from torchvision.transforms.v2.functional import resize

FPS = 10
HEIGHT, WIDTH = 48, 64
LENGTHS = [7, 12, 5]
TASKS = ["push the round one", "lift the square one", "push the round one"]
FLOW, FLOW_SHAPE = "observation.flow", (2, 4, 6)
CAMERAS = ["observation.images.front", "observation.images.side"]
STORES = {"image": None, "h264": "h264", "av1": "libsvtav1"}
# Frames of each kind, counted from the sample's own.
PICTURES = {0: [0, 5], 1: [-2, 0, 1]}
STATE, ACTION = [-1, 0], [0, 1, 2]
# Lower and wider.
SIZE = [36, 96]


def main():
    out = Path(sys.argv[1])
    named = [Path(name) for name in sys.argv[2:]]
    if not named:
        named = [make(out / name, codec) for name, codec in STORES.items()]
    for root in named:
        compare(root, out / root.name)


def make(root, codec):
    """Makes a data set of three episodes: pictures that move, states and actions that count."""
    video = codec is not None
    features = {
        key: {"dtype": "video" if video else "image", "shape": (HEIGHT, WIDTH, 3), "names": ["height", "width", "channel"]}
        for key in CAMERAS
    }
    features["observation.state"] = {"dtype": "float32", "shape": (3,), "names": ["x", "y", "z"]}
    features["action"] = {"dtype": "float32", "shape": (2,), "names": ["dx", "dy"]}
    features[FLOW] = {"dtype": "float32", "shape": FLOW_SHAPE, "names": ["axis", "height", "width"]}
    options = {"vcodec": codec} if video else {}
    dataset = LeRobotDataset.create("hlrp/compare", FPS, features, root=root, use_videos=video, **options)
    random = np.random.RandomState(7)
    for length, task in zip(LENGTHS, TASKS):
        speed = random.uniform(0.5, 3, (2, 2))
        for frame in range(length):
            row = {key: picture(number, frame * speed[number]) for number, key in enumerate(CAMERAS)}
            row["observation.state"] = random.randn(3).astype(np.float32)
            row["action"] = random.randn(2).astype(np.float32)
            row[FLOW] = random.randn(*FLOW_SHAPE).astype(np.float32)
            dataset.add_frame({**row, "task": task})
        dataset.save_episode()
    dataset.finalize()
    return root


def picture(number, place):
    """A disc on a coloured slope, `place` away from where it began."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    slope = np.stack([x * 4, y * 5, 255 - x * 2 - y * 2], -1)
    centre = np.array([HEIGHT / 3, WIDTH / 4]) + place
    disc = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 < 90
    slope[disc] = [[230, 30, 40], [20, 220, 90]][number]
    return np.clip(slope, 0, 255).astype(np.uint8)


def compare(root, out):
    """Writes what the official loader gives."""
    plain = LeRobotDataset("hlrp/compare", root=root)
    cameras = plain.meta.camera_keys
    pictures = [PICTURES[min(number, 1)] for number in range(len(cameras))]
    offsets = dict(zip(cameras, pictures)) | {"observation.state": STATE, "action": ACTION}
    deltas = {key: [frame / plain.fps for frame in frames] for key, frames in offsets.items()}
    dataset = LeRobotDataset("hlrp/compare", root=root, delta_timestamps=deltas)
    samples = []
    with out.with_suffix(".u8").open("wb") as stream, out.with_suffix(".resized").open("wb") as resized:
        for index in range(len(dataset)):
            item = dataset[index]
            for key in cameras:
                frames = (item[key] * 255).round().to(torch.uint8)
                stream.write(frames.numpy().tobytes())
                resized.write(resize(frames, SIZE, antialias=True).numpy().tobytes())
            samples.append(
                {
                    "index": int(item["index"]),
                    "episode": int(item["episode_index"]),
                    "frame": int(item["frame_index"]),
                    "task": item["task"],
                    "state": item["observation.state"].flatten().tolist(),
                    "action": item["action"].flatten().tolist(),
                    "flow": item[FLOW].flatten().tolist() if FLOW in item else None,
                    "padding": {key: item[f"{key}_is_pad"].tolist() for key in offsets},
                }
            )
    request = {"cameras": cameras, "pictures": pictures, "state": STATE, "action": ACTION, "size": SIZE}
    out.with_suffix(".json").write_text(json.dumps({"request": request, "samples": samples}))


if __name__ == "__main__":
    main()
