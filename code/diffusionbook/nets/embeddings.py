"""How a network is told the time."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.arguments import finite, whole


class FourierFeatures(nn.Module):
    """Sines and cosines of t at geometrically spaced frequencies (:eq:`eq-time-embedding`).

    A network sees t = 0.001 and t = 0.002 as almost equal numbers; in the fast sines they differ.

    Args:
        features: how many numbers to return, even; half sines, half cosines.
        max_frequency: the fastest, in radians per unit of t; the slowest is 1.

    Raises:
        ValueError: ``features`` is odd or below 4, or ``max_frequency`` does not exceed 1.

    Source: Vaswani et al., arXiv 1706.03762, there for positions in a text.
    """

    def __init__(self, features: int, max_frequency: float = 1000.0) -> None:
        super().__init__()
        whole("features", features)
        if features < 4 or features % 2:
            raise ValueError(f"features must be even and at least 4; it is {features}")
        if not max_frequency > 1:
            raise ValueError(f"max_frequency must exceed 1; it is {max_frequency}")
        finite("max_frequency", max_frequency)
        frequencies = torch.linspace(0, math.log(max_frequency), features // 2).exp()
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, t: Float[Tensor, " b"]) -> Float[Tensor, "b features"]:
        """t: (b,) → (b, features), first the sines, then the cosines."""
        angle = t[:, None] * self.frequencies
        return torch.cat([angle.sin(), angle.cos()], 1)
