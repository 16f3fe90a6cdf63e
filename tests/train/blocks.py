"""The transformer of the latent action model: blocks of position-encoding convolution, attention, cross-attention and
feed-forward. Parameter names and shapes are the reference's, quirks included."""

import torch
from torch import nn
from torch.nn import functional as F


class Transformer(nn.Module):
    def __init__(self, dim, depth, dim_head, heads, has_context=False):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleList([
                PositionConv(dim),
                Attention(dim, dim_head, heads),
                Attention(dim, dim_head, heads, null_pairs=2) if has_context else None,
                feed_forward(dim),
            ])
            for _ in range(depth)
        )
        self.norm_out = Norm(dim)

    def forward(self, x, video_shape, bias=None, context=None):
        for position, attention, cross, forward in self.layers:
            x = position(x, video_shape) + x
            x = attention(x, bias=bias) + x
            if cross is not None:
                x = cross(x, context=context) + x
            x = forward(x) + x
        return self.norm_out(x)


class Norm(nn.Module):
    """Layer norm whose shift is a constant, kept in the state for the reference's sake."""

    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.register_buffer("beta", torch.zeros(dim))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.gamma, self.beta)


class PositionConv(nn.Module):
    """Depthwise convolution over time (causal), height and width.

    The tokens are reshaped to `video_shape`, never permuted: the temporal transformer's `(b h w) t` is read as `b t h w`,
    which mixes positions. The reference does so, and weights trained there expect it.
    """

    def __init__(self, dim):
        super().__init__()
        self.dsconv = nn.Conv3d(dim, dim, 3, groups=dim)

    def forward(self, x, video_shape):
        video = x.reshape(*video_shape, x.shape[-1]).movedim(-1, 1)
        video = self.dsconv(F.pad(video, (1, 1, 1, 1, 2, 0)))
        return video.movedim(1, -1).reshape(x.shape)


class Attention(nn.Module):
    """Cosine attention. Queries come from the normed input, keys and values from the context, or else from the input as
    it is, un-normed."""

    SCALE = 8

    def __init__(self, dim, dim_head, heads, null_pairs=0):
        super().__init__()
        self.heads = heads
        inner = dim_head * heads
        self.norm = Norm(dim)
        self.context_norm = Norm(dim)
        self.null_kv = nn.Parameter(torch.randn(heads, 2 * null_pairs, dim_head))
        self.to_q = nn.Linear(dim, inner, bias=False)
        self.to_kv = nn.Linear(dim, 2 * inner, bias=False)
        self.q_scale = nn.Parameter(torch.ones(dim_head))
        self.k_scale = nn.Parameter(torch.ones(dim_head))
        self.to_out = nn.Linear(inner, dim, bias=False)

    def forward(self, x, bias=None, context=None):
        source = x if context is None else self.context_norm(context)
        q = self.split(self.to_q(self.norm(x)))
        k, v = map(self.split, self.to_kv(source).chunk(2, dim=-1))
        null_k, null_v = (part.expand(len(x), -1, -1, -1) for part in (self.null_kv[:, 0::2], self.null_kv[:, 1::2]))
        k, v = torch.cat((null_k, k), dim=-2), torch.cat((null_v, v), dim=-2)
        q, k = F.normalize(q, dim=-1) * self.q_scale, F.normalize(k, dim=-1) * self.k_scale
        similarity = torch.einsum("bhid,bhjd->bhij", q, k) * self.SCALE
        if bias is not None:
            similarity = similarity + F.pad(bias, (null_k.shape[-2], 0))
        out = torch.einsum("bhij,bhjd->bhid", similarity.softmax(dim=-1), v)
        return self.to_out(out.transpose(1, 2).flatten(2))

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Gated(nn.Module):
    def forward(self, x):
        x, gate = x.chunk(2, dim=-1)
        return F.gelu(gate) * x


def feed_forward(dim):
    inner = int(4 * (2 / 3) * dim)
    # The identity stands where the reference has its dropout, so that the names of what follows agree.
    return nn.Sequential(
        nn.LayerNorm(dim), nn.Linear(dim, 2 * inner, bias=False), Gated(), nn.Identity(), nn.Linear(inner, dim, bias=False)
    )


class PositionBias(nn.Module):
    """Attention bias from the signed log distance of two cells of the grid."""

    def __init__(self, dim, heads):
        super().__init__()
        self.net = nn.ModuleList([
            nn.Sequential(nn.Linear(2, dim), nn.LeakyReLU(0.1)),
            nn.Sequential(nn.Linear(dim, dim), nn.LeakyReLU(0.1)),
            nn.Linear(dim, heads),
        ])

    def forward(self, height, width):
        grid = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"), dim=-1).flatten(0, 1)
        offset = grid[:, None] - grid[None]
        x = torch.sign(offset) * torch.log(offset.abs() + 1)
        for layer in self.net:
            x = layer(x.float())
        return x.movedim(-1, 0)
