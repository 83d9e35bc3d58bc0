"""The parts of a diffusion transformer: attention among tokens, and a block that is told."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from diffusionbook.arguments import whole
from diffusionbook.nets.blocks import attend

HIDDEN = 4  # times as wide is the middle of a block's perceptron


class SelfAttention(nn.Module):
    """Every token looks at every other one (:eq:`eq-attention`), wherever it stands
    (:eq:`eq-equivariant`).

    Args:
        width: numbers of a token.
        heads: how many times each token looks, every time with ``width / heads`` numbers.

    Raises:
        ValueError: a number is not whole or below 1, or ``heads`` does not divide ``width``.

    Source: Vaswani et al., arXiv 1706.03762.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        whole("width", width, least=1)
        whole("heads", heads, least=1)
        if width % heads:
            raise ValueError(f"heads must divide the width {width}; it is {heads}")
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.leave = nn.Linear(width, width)

    def split(self, tokens: Float[Tensor, "b n c"]) -> Float[Tensor, "three b heads n d"]:
        """What each head asks with, is found by, and hands on: (3, b, heads, n, c / heads)."""
        b, n, c = tokens.shape
        split = self.query_key_value(tokens).reshape(b, n, 3, self.heads, c // self.heads)
        return split.permute(2, 0, 3, 1, 4)

    def forward(self, tokens: Float[Tensor, "b n c"]) -> Float[Tensor, "b n c"]:
        """tokens: (b, n, width) → (b, n, width)."""
        q, k, v = self.split(tokens)
        # in bfloat16 its gradient takes half the time of PyTorch's fused one on a processor
        mixed = attend(q, k, v)
        return self.leave(mixed.transpose(1, 2).flatten(2))

    def weights(self, tokens: Float[Tensor, "b n c"]) -> Float[Tensor, "b heads n n"]:
        """How much each token (row) looks at each other (column), in every head: rows sum to 1."""
        q, k, _ = self.split(tokens)
        return torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, -1)


class Modulation(nn.Module):
    """Vectors made of the conditioning, all 0 at first: shifts, scales and gates.

    Args:
        conditioning: length of the vector that carries time and label.
        width: of each vector that is made.
        vectors: how many.

    Raises:
        ValueError: a number is not whole or below 1.
    """

    def __init__(self, conditioning: int, width: int, vectors: int) -> None:
        super().__init__()
        for name, value in (("conditioning", conditioning), ("width", width),
                            ("vectors", vectors)):
            whole(name, value, least=1)
        self.vectors, self.map = vectors, nn.Linear(conditioning, vectors * width)
        nn.init.zeros_(self.map.weight)
        nn.init.zeros_(self.map.bias)

    def forward(self, conditioning: Float[Tensor, "b e"]) -> tuple[Tensor, ...]:
        """conditioning: (b, conditioning) → ``vectors`` tensors (b, 1, width)."""
        return self.map(F.silu(conditioning))[:, None].chunk(self.vectors, 2)


class Block(nn.Module):
    """x + gate · f(scaled, shifted x), for attention and then for a perceptron
    (:eq:`eq-adaln-zero`).

    Shift, scale and gate are made of the conditioning and start at 0, so at first the block returns
    its input: this is adaLN-Zero.

    Args:
        width: numbers of a token.
        heads: of the attention.
        conditioning: length of the vector that carries time and label.

    Raises:
        ValueError: as :class:`SelfAttention` and :class:`Modulation` do.

    Source: Peebles & Xie, arXiv 2212.09748.
    """

    def __init__(self, width: int, heads: int, conditioning: int) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.perceptron = nn.Sequential(nn.Linear(width, HIDDEN * width), nn.GELU("tanh"),
                                        nn.Linear(HIDDEN * width, width))
        self.modulate = Modulation(conditioning, width, 6)

    def forward(
        self, x: Float[Tensor, "b n c"], conditioning: Float[Tensor, "b e"]
    ) -> Float[Tensor, "b n c"]:
        """x: (b, n, width) tokens and conditioning: (b, conditioning) → (b, n, width)."""
        shift, scale, gate, shift_p, scale_p, gate_p = self.modulate(conditioning)
        x = x + gate * self.attention(modulated(x, shift, scale))
        return x + gate_p * self.perceptron(modulated(x, shift_p, scale_p))


def modulated(
    x: Float[Tensor, "b n c"], shift: Float[Tensor, "b 1 c"], scale: Float[Tensor, "b 1 c"]
) -> Float[Tensor, "b n c"]:
    """Each token brought to mean 0 and variance 1, then scaled by 1 + ``scale`` and shifted."""
    return F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift
