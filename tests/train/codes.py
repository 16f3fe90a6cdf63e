"""Loads a checkpoint's weights into the oracle, strictly, and prints the codes of a batch of frame pairs as JSON.

usage: codes.py CONFIG.json WEIGHTS.safetensors VIDEO.safetensors

CONFIG holds fields of lam.Config; others are left out. VIDEO has one tensor `video`, [n, 3, 2, h, w] in 0..1.
"""

import json
import sys
from pathlib import Path

import torch
from lam import Config, Lam
from safetensors.torch import load_file


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    config, weights, video = map(Path, sys.argv[1:])
    known = {name: value for name, value in json.loads(config.read_text()).items() if name in Config.__dataclass_fields__}
    lam = Lam(Config(**known))
    lam.load_state_dict(load_file(weights), strict=True)
    first, last = lam.encode(load_file(video)["video"])
    print(json.dumps(lam.vq(first, last)[1].tolist()))


if __name__ == "__main__":
    main()
