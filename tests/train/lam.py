"""The latent action model: what changed between two frames, as a few codes. Written from the facts about the reference
(names, shapes and quirks are its own), as the oracle that the native port is compared with.

A batch is `video` [b, 3, 2, h, w] in 0..1 and, with a flow decoder, the teacher's `flow` [b, 2, h, w] in pixels. Where another
network sees for the encoder, what it sees is `seen` [b, 2, cells, width].
"""

from dataclasses import dataclass

import torch
from blocks import PositionBias, Transformer
from quantiser import Quantiser
from torch import nn
from torch.nn import functional as F

STATIC = 1e-6


@dataclass(frozen=True)
class Config:
    dim: int = 1024
    quant_dim: int = 32
    codebook_size: int = 2048
    image_size: int = 256
    patch_size: int = 32
    spatial_depth: int = 8
    temporal_depth: int = 8
    dim_head: int = 64
    heads: int = 16
    code_seq_len: int = 1
    use_pixel_decoder: bool = True
    use_aux_decoder: bool = False
    flow_depth: int = 0
    flow_weight: float = 5.0
    flow_warmup: int = 50_000
    flow_summary_weight: float = 0.05
    # Predict what is added to the first frame: a cure of the collapse that the reference does not have.
    residual: bool = False
    # Numbers that a frozen network sees in every patch, in place of pixels; and whether they are predicted.
    seen_width: int = 0
    use_dino_decoder: bool = False
    dino_weight: float = 1.0

    @property
    def grid(self):
        return self.image_size // self.patch_size


class Lam(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = c = config
        shape = {"dim": c.dim, "dim_head": c.dim_head, "heads": c.heads}
        self.pixel_projection = patch_projection(3 * c.patch_size**2, c.dim)
        # The reference has three names for one module, and all three in its state.
        self.encoder_projection = self.decoder_context_projection = self.pixel_projection
        if c.seen_width:
            self.dino_encoder = nn.ModuleDict({"proj": nn.Linear(c.seen_width, c.dim)})
            self.encoder_projection = nn.ModuleDict({"encoder": self.dino_encoder})
        self.spatial_rel_pos_bias = PositionBias(c.dim, c.heads)
        self.enc_spatial_transformer = Transformer(depth=c.spatial_depth, **shape)
        self.enc_temporal_transformer = Transformer(depth=c.temporal_depth, **shape)
        self.vq = Quantiser(c.dim, c.quant_dim, c.codebook_size, c.grid, c.code_seq_len)
        if c.use_pixel_decoder:
            self.pixel_decoder = Transformer(depth=c.spatial_depth, has_context=True, **shape)
            self.pixel_to_pixels = pixel_head(c)
        if c.use_aux_decoder:
            self.aux_decoder = Transformer(depth=c.spatial_depth, has_context=True, **shape)
            self.aux_to_pixels = pixel_head(c)
        if c.use_dino_decoder:
            self.dino_decoder = Transformer(depth=c.spatial_depth, has_context=True, **shape)
        if c.flow_depth:
            self.flow_decoder = FlowDecoder(c.flow_depth, c.patch_size, shape)

    def encode(self, video, seen=None):
        """Tokens [b, h*w, dim] of the first and of the last frame."""
        c = self.config
        batch, size = len(video), (len(video), 2, c.grid, c.grid)
        tokens = self.begin(video, seen).flatten(0, 1)
        tokens = self.enc_spatial_transformer(tokens, size, bias=self.spatial_rel_pos_bias(c.grid, c.grid))
        tokens = tokens.unflatten(0, (batch, 2)).transpose(1, 2).flatten(0, 1)
        tokens = self.enc_temporal_transformer(tokens, size).unflatten(0, (batch, -1))
        return tokens[:, :, 0], tokens[:, :, 1]

    def begin(self, video, seen):
        """What the encoder begins with: [b, t, h*w, dim]."""
        return self.project(video) if seen is None else self.dino_encoder["proj"](seen)

    def project(self, video):
        """Patches of each frame as tokens: [b, t, h*w, dim]."""
        return self.pixel_projection(patches(video, self.config.patch_size))

    def decode(self, decoder, context, actions):
        grid = self.config.grid
        return decoder(
            context, (len(context), 1, grid, grid), bias=self.spatial_rel_pos_bias(grid, grid), context=actions
        )

    def pixels(self, head, tokens, video):
        frame = unpatched(head(tokens), self.config.patch_size, self.config.grid)
        return video[:, :, 0] + frame if self.config.residual else frame

    def forward(self, video, noise, step, flow=None, continuous=False, seen=None):
        """The loss and its parts at a step, counted from 1; `continuous` leaves the quantisation out."""
        c = self.config
        first, last = self.encode(video, seen)
        actions, indices = self.vq.bypass(first, last) if continuous else self.vq(first, last, noise)
        context = self.project(video[:, :, :1])[:, 0]
        target, parts, loss = video[:, :, 1], {}, 0.0
        if c.use_dino_decoder:
            own, goal = self.begin(video, seen).unbind(1)
            parts["dino"] = F.mse_loss(self.decode(self.dino_decoder, own, actions), goal.detach())
            loss = loss + c.dino_weight * parts["dino"]
        if c.use_pixel_decoder:
            tokens = self.decode(self.pixel_decoder, context, actions)
            parts["pixel"] = F.mse_loss(self.pixels(self.pixel_to_pixels, tokens, video), target)
            loss = loss + parts["pixel"]
        if c.use_aux_decoder:
            # For looking at only: it teaches the actions nothing, though the shared patch projection does learn from it.
            tokens = self.decode(self.aux_decoder, context, actions.detach())
            parts["aux"] = F.mse_loss(self.pixels(self.aux_to_pixels, tokens, video), target)
            loss = loss + parts["aux"]
        if c.flow_depth:
            predicted = self.flow_decoder(context, actions, self)
            parts["flow"], parts["flow_summary"] = flow_losses(predicted, flow)
            weight = c.flow_weight * min(1.0, step / c.flow_warmup)
            loss = loss + weight * (parts["flow"] + c.flow_summary_weight * parts["flow_summary"])
        return loss, parts, indices

    def picture(self, video, actions):
        """The last frame as decoded from the first and the action tokens; by the auxiliary decoder where there is one."""
        context = self.project(video[:, :, :1])[:, 0]
        if self.config.use_aux_decoder:
            return self.pixels(self.aux_to_pixels, self.decode(self.aux_decoder, context, actions), video)
        return self.pixels(self.pixel_to_pixels, self.decode(self.pixel_decoder, context, actions), video)


class FlowDecoder(nn.Module):
    def __init__(self, depth, patch, shape):
        super().__init__()
        self.patch = patch
        self.transformer = Transformer(depth=depth, has_context=True, **shape)
        self.to_flow = nn.Sequential(nn.Linear(shape["dim"], 2 * patch**2))

    def forward(self, context, actions, lam):
        tokens = lam.decode(self.transformer, context, actions)
        return unpatched(self.to_flow(tokens), self.patch, lam.config.grid)


def flow_losses(predicted, flow):
    """Mean squared error of the flow in widths and heights of the image, and of its mean weighted by magnitude."""
    height, width = flow.shape[-2:]
    size = flow.new_tensor([width, height]).view(1, 2, 1, 1)
    predicted, flow = predicted / size, flow / size
    return F.mse_loss(predicted, flow), F.mse_loss(summary(predicted), summary(flow))


def summary(flow):
    """Mean flow of each image, weighted by magnitude; where nothing moves, the plain mean."""
    magnitude = torch.linalg.vector_norm(flow, dim=1, keepdim=True)
    total = magnitude.sum((2, 3), keepdim=True)
    moving = total > STATIC * magnitude[0].numel()
    share = torch.where(moving, magnitude / total.clamp_min(STATIC), 1 / magnitude[0].numel())
    return (flow * share).sum((2, 3))


def pixel_head(config):
    head = nn.Linear(config.dim, 3 * config.patch_size**2)
    if config.residual:
        # Training starts from the copied first frame.
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
    return nn.Sequential(head)


def patch_projection(patch_dim, dim):
    # The identity stands where the reference rearranges: names count from 1.
    return nn.Sequential(nn.Identity(), nn.LayerNorm(patch_dim), nn.Linear(patch_dim, dim), nn.LayerNorm(dim))


def patches(video, size):
    """[b, c, t, h, w] to [b, t, cells, c * size * size]."""
    video = video.unflatten(-1, (-1, size)).unflatten(-3, (-1, size))
    return video.permute(0, 2, 3, 5, 1, 4, 6).flatten(4).flatten(2, 3)


def unpatched(tokens, size, grid):
    """[b, cells, c * size * size] to [b, c, h, w]."""
    image = tokens.unflatten(1, (grid, grid)).unflatten(-1, (-1, size, size))
    return image.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)
