"""A small network for points in the plane."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from diffusionbook.arguments import whole
from diffusionbook.nets.embeddings import FourierFeatures
from diffusionbook.shapes import check_each, check_samples


class MLP(nn.Module):
    """(x_t, t) → a vector of x_t's shape, through layers of SiLU units.

    The first layer sees the point, waves of each of its coordinates and waves of the time
    (:eq:`eq-time-embedding`). The waves of the coordinates let a small network bend its answer
    within a short distance, as a spiral's narrow arms require.

    Args:
        dim: the dimension of the points.
        width: units in each hidden layer.
        depth: number of hidden layers.
        time_features: size of the time embedding.
        point_features: size of the embedding of each coordinate.
        generator: source of the initial weights; default: PyTorch's global one.

    Raises:
        ValueError: ``dim``, ``width`` or ``depth`` is below 1, or an embedding has an odd size or
            one below 4.

    Source: Tancik et al., arXiv 2006.10739, for waves of the coordinates.
    """

    def __init__(
        self,
        dim: int = 2,
        width: int = 128,
        depth: int = 3,
        time_features: int = 32,
        point_features: int = 20,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("dim", dim), ("width", width), ("depth", depth)):
            whole(name, value, least=1)
        whole("time_features", time_features, least=4)
        whole("point_features", point_features, least=4)
        self.time = FourierFeatures(time_features, max_frequency=100.0)
        self.point = FourierFeatures(point_features, max_frequency=16.0)
        sizes = [dim * (1 + point_features) + time_features] + [width] * depth
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
        """x: (b, dim) points and t: (b,) their times → (b, dim).

        Raises:
            ValueError: x or t has another shape, or x is empty.
        """
        check_samples("x", x, self.layers[-1].out_features)
        check_each("t", t, x)
        waves = self.point(x.reshape(-1)).reshape(len(x), -1)
        return self.layers(torch.cat([x, waves, self.time(t)], 1))
