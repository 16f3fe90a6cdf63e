"""Makes what the networks that a model looks through are compared with: weights, inputs and outputs of torchvision's RAFT
and of transformers' DINOv3, as safetensors files; and what the oracle makes of a batch that they see. Weights follow from whole numbers, so that a test without Python has the
same.

usage: vision.py OUT        writes OUT/{raft_large,raft_small,dinov3,dinov3_gated,lam}/{model,numbers}.safetensors
       vision.py --record   prints the numbers that src/train/tests/vision.rs has of raft_small
"""

import sys
from math import prod, sqrt
from pathlib import Path

import numpy as np
import torch
from lam import Config, Lam
from safetensors.torch import save_file
from torch.nn import functional as F
from torchvision.models.optical_flow import raft_large, raft_small

RAFT = {"raft_large": (raft_large, (128, 136)), "raft_small": (raft_small, (128, 128))}
PAIRS, UPDATES = 2, 4
SMALL = {
    "patch_size": 16, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 2,
    "num_register_tokens": 4, "image_size": 64,
}
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Half way up the weight of flow.
STEP = 5
LAM = {
    "dim": 32, "quant_dim": 16, "codebook_size": 32, "image_size": 128, "patch_size": 16, "spatial_depth": 1,
    "temporal_depth": 1, "dim_head": 16, "heads": 2, "code_seq_len": 4,
}
DINOV3 = {"dinov3": SMALL, "dinov3_gated": SMALL | {"use_gated_mlp": True, "hidden_act": "silu"}}


def numbers(number, count):
    """`count` numbers of 0 to 1, for the `number`th tensor."""
    x = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(number * 7919)) * np.uint64(2654435761) % np.uint64(2**32)
    x = (x ^ (x >> np.uint64(15))) * np.uint64(2246822519) % np.uint64(2**32)
    return (x ^ (x >> np.uint64(13))) / 2**32


@torch.no_grad()
def fill(network):
    """Gives a network its weights, by the order of their names."""
    state = network.state_dict()
    for number, name in enumerate(sorted(name for name in state if not name.endswith("num_batches_tracked"))):
        tensor = state[name]
        drawn = numbers(number, tensor.numel())
        if "running_var" in name or "norm" in name and tensor.ndim == 1 and name.endswith("weight") or "lambda" in name:
            values = 0.5 + drawn
        elif tensor.ndim > 1 and "token" not in name:
            values = (2 * drawn - 1) * sqrt(3 / prod(tensor.shape[1:]))
        else:
            values = (2 * drawn - 1) * 0.1
        tensor.copy_(torch.from_numpy(values.astype(np.float32)).view_as(tensor))
    return network.eval()


def pairs(height, width):
    """Bytes [PAIRS, 3, 2, height, width]: a pattern that moves."""
    pair, colour, time, y, x = np.indices((PAIRS, 3, 2, height, width))
    x, y = x + 2 * time * (pair + 1), y + time
    return torch.from_numpy(((x * x // 24 + 5 * y + x * y // 32 + 40 * colour) % 256).astype(np.uint8))


@torch.no_grad()
def flow(network, frames):
    first, second = (frames[:, :, time].float() / 255 * 2 - 1 for time in (0, 1))
    return network(first, second, num_flow_updates=UPDATES)[-1]


def write(folder, network, given, found):
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors")
    save_file({"frames": given.contiguous(), "found": found.contiguous()}, folder / "numbers.safetensors")


def raft(out):
    for name, (make, size) in RAFT.items():
        network, frames = fill(make()), pairs(*size)
        write(out / name, network, frames, flow(network, frames))


@torch.no_grad()
def dinov3(out):
    from transformers import DINOv3ViTConfig, DINOv3ViTModel

    mean, deviation = (torch.tensor(of).view(1, 3, 1, 1) for of in (MEAN, DEVIATION))
    for name, config in DINOV3.items():
        network = fill(DINOv3ViTModel(DINOv3ViTConfig(**config)))
        frames = pairs(64, 64)[:, :, 0]
        seen = network(pixel_values=(frames.float() / 255 - mean) / deviation).last_hidden_state
        network.save_pretrained(out / name)
        save_file({"frames": frames.contiguous(), "found": seen[:, -16:].unflatten(1, (4, 4)).contiguous()},
                  out / name / "numbers.safetensors")


def lam(out):
    """A model whose encoder sees with the plain DINOv3 at 8 by 8 patches, and that RAFT small teaches."""
    from transformers import DINOv3ViTModel

    config = Config(
        **LAM, use_aux_decoder=True, use_dino_decoder=True, seen_width=SMALL["hidden_size"], flow_depth=1, flow_warmup=10
    )
    torch.manual_seed(0)
    model, frames = Lam(config), pairs(128, 128)
    truth, video = flow(fill(raft_small()), frames), frames.float() / 255
    with torch.no_grad():
        mean, deviation = (torch.tensor(of).view(1, 3, 1, 1) for of in (MEAN, DEVIATION))
        pictures = (video.transpose(1, 2).flatten(0, 1) - mean) / deviation
        network = DINOv3ViTModel.from_pretrained(out / "dinov3").eval()
        maps = network(pixel_values=pictures).last_hidden_state[:, -64:].unflatten(1, (8, 8)).permute(0, 3, 1, 2)
        maps = F.adaptive_avg_pool2d(maps, config.grid)
        seen = maps.permute(0, 2, 3, 1).flatten(1, 2).unflatten(0, (PAIRS, 2))
    noise = torch.randn(PAIRS * config.code_seq_len, config.quant_dim)
    loss, parts, indices = model(video, noise, STEP, truth, seen=seen)
    loss.backward()
    numbers = {"frames": frames, "noise": noise, "loss": loss.view(1), "indices": indices}
    numbers |= {f"{name}_loss": part.view(1) for name, part in parts.items()}
    every = model.named_parameters(remove_duplicate=False)
    numbers |= {f"grad.{name}": p.grad for name, p in every if p.grad is not None}
    plain = lambda tensors: {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    (out / "lam").mkdir()
    save_file(plain(model.state_dict()), out / "lam" / "model.safetensors")
    save_file(plain(numbers), out / "lam" / "numbers.safetensors")


def record():
    found = flow(fill(raft_small()), pairs(128, 128))
    print([round(value, 5) for value in found[:, :, ::50, ::50].flatten().tolist()])


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1] == "--record":
        record()
    else:
        raft(Path(sys.argv[1]))
        dinov3(Path(sys.argv[1]))
        lam(Path(sys.argv[1]))
