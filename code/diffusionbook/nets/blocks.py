"""The parts of an image network: normalise, convolve, modulate, attend."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from diffusionbook.arguments import inside, whole


def conv3(channels: int, out: int, padding: str = "zeros", stride: int = 1) -> nn.Conv2d:
    """A 3 × 3 convolution that keeps the size of the image, or divides it by ``stride``.

    Raises:
        ValueError: a number is not whole or below 1.
    """
    for name, value in (("channels", channels), ("out", out), ("stride", stride)):
        whole(name, value, least=1)
    return nn.Conv2d(channels, out, 3, stride=stride, padding=1, padding_mode=padding)


def group_norm(channels: int) -> nn.GroupNorm:
    """Normalise each of 8 groups of channels to mean 0 and variance 1 (:eq:`eq-group-norm`).

    Unlike batch normalisation it looks at one image at a time, so a sample does not depend on its
    neighbours in the batch. Source: Wu & He, arXiv 1803.08494.
    """
    whole("channels", channels, least=1)
    return nn.GroupNorm(8, channels)


class ResBlock(nn.Module):
    """x + f(x): two convolutions, and between them the conditioning (:eq:`eq-modulation`).

    The second convolution starts at 0, so at first the block returns its input.

    Args:
        channels: of the input, a multiple of 8.
        out: of the output, a multiple of 8; where they differ, a 1 × 1 convolution brings x there.
        conditioning: length of the vector that carries time and label.
        dropout: share of features hidden in training.
        padding: as in :func:`conv3`.

    Raises:
        ValueError: ``channels`` or ``out`` is no multiple of 8, ``conditioning`` is below 1, or
            ``dropout`` outside [0, 1].

    Source: Dhariwal & Nichol, arXiv 2105.05233, who call the modulation adaptive group norm.
    """

    def __init__(
        self, channels: int, out: int, conditioning: int, dropout: float = 0.0,
        padding: str = "zeros",
    ) -> None:
        super().__init__()
        whole("out", out, least=1)
        whole("conditioning", conditioning, least=1)
        inside("dropout", dropout, 0, 1)
        self.norm1, self.conv1 = group_norm(channels), conv3(channels, out, padding)
        self.modulate = nn.Linear(conditioning, 2 * out)
        self.norm2, self.conv2 = group_norm(out), conv3(out, out, padding)
        self.drop = nn.Dropout(dropout)
        self.skip = nn.Conv2d(channels, out, 1) if channels != out else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(
        self, x: Float[Tensor, "b c h w"], conditioning: Float[Tensor, "b e"]
    ) -> Float[Tensor, "b o h w"]:
        """x: (b, channels, h, w) and conditioning: (b, conditioning) → (b, out, h, w)."""
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.modulate(conditioning)[:, :, None, None].chunk(2, 1)
        h = F.silu(self.norm2(h) * (1 + scale) + shift)
        return self.skip(x) + self.conv2(self.drop(h))


class Attention(nn.Module):
    """x + attention(x): every place looks at every other one (:eq:`eq-attention`).

    On n places with c channels it makes 4 n c² multiplications in its linear maps and 2 n² c where
    places meet, so it stands where the image is smallest. Its last layer starts at 0.

    Args:
        channels: of the input, a multiple of 8 and of the number of heads.
        head: channels of one head, about: there are ``channels // head`` heads, and at least one.

    Raises:
        ValueError: ``channels`` is no multiple of 8 or of the number of heads.

    Source: Vaswani et al., arXiv 1706.03762.
    """

    def __init__(self, channels: int, head: int = 32) -> None:
        super().__init__()
        whole("channels", channels, least=1)
        whole("head", head, least=1)
        self.heads = max(1, channels // head)
        if channels % self.heads:
            raise ValueError(f"channels must be a multiple of {self.heads} heads; it is {channels}")
        self.norm = group_norm(channels)
        self.query_key_value = nn.Linear(channels, 3 * channels)
        self.leave = nn.Linear(channels, channels)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """x: (b, channels, h, w) → (b, channels, h, w)."""
        b, c, h, w = x.shape
        places = self.norm(x).flatten(2).mT  # (b, h w, c)
        split = self.query_key_value(places).reshape(b, h * w, 3, self.heads, c // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)  # (b, heads, h w, c / heads) each
        mixed = attend(q, k, v).transpose(1, 2).reshape(b, h * w, c)
        return x + self.leave(mixed).mT.reshape(b, c, h, w)


def attend(
    q: Float[Tensor, "b n m d"], k: Float[Tensor, "b n m d"], v: Float[Tensor, "b n m d"]
) -> Float[Tensor, "b n m d"]:
    """softmax(q k' / sqrt(d)) v for each head (:eq:`eq-attention`).

    It holds the m × m weights of each head in memory. ``scaled_dot_product_attention`` of PyTorch
    gives the same and does not, which makes it several times as fast on many places.
    """
    logits = q @ k.mT / q.shape[-1] ** 0.5
    return torch.softmax(logits, -1) @ v
