"""A small network for points in the plane."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.nets.embeddings import FourierFeatures


class MLP(nn.Module):
    """(x_t, t) → a vector of x_t's shape: points and time features in, SiLU layers, points out.

    Args:
        dim: the dimension of the points.
        width: units in each hidden layer.
        depth: number of hidden layers.
        features: size of the time embedding.
        max_frequency: of the time embedding.
        generator: source of the initial weights; default: PyTorch's global one.
    """

    def __init__(
        self,
        dim: int = 2,
        width: int = 128,
        depth: int = 3,
        features: int = 32,
        max_frequency: float = 100.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("dim", dim), ("width", width), ("depth", depth)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1; it is {value}")
        self.time = FourierFeatures(features, max_frequency)
        sizes = [dim + features] + [width] * depth
        layers: list[nn.Module] = []
        for size, following in zip(sizes[:-1], sizes[1:], strict=True):
            layers += [nn.Linear(size, following), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(width, dim))
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                bound = layer.in_features**-0.5
                nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
                nn.init.uniform_(layer.bias, -bound, bound, generator=generator)

    def forward(self, x: Float[Tensor, "b dim"], t: Float[Tensor, " b"]) -> Float[Tensor, "b dim"]:
        return self.layers(torch.cat([x, self.time(t)], 1))
