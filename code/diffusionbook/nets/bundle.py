"""Several small networks in one model, so that one recipe trains them and one file holds them."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.mlp import MLP
from diffusionbook.paths.gaussian import VP, GaussianPath, Linear
from diffusionbook.prediction import Param
from diffusionbook.randomness import seeded

METHODS: dict[str, tuple[GaussianPath, Param]] = {
    "ddpm": (VP(), "eps"),
    "flow": (Linear(), "velocity"),
    "reflow": (Linear(), "velocity"),
}


class Networks(nn.Module):
    """A :class:`NetDenoiser` for each pair of data set and method, such as ``("moons", "flow")``.

    Args:
        sets: names of data sets.
        methods: keys of ``METHODS``: a path and what the network predicts on it.
        width: units in each hidden layer.
        depth: number of hidden layers.
        time_features: size of the time embedding.
        point_features: size of the embedding of each coordinate.
        seed: of the initial weights.
    """

    def __init__(
        self,
        sets: tuple[str, ...],
        methods: tuple[str, ...],
        *,
        width: int,
        depth: int,
        time_features: int,
        point_features: int,
        seed: int,
    ) -> None:
        super().__init__()
        generator = seeded(seed)
        self.pairs = tuple((name, method) for name in sets for method in methods)
        self.models = nn.ModuleDict()
        for name, method in self.pairs:
            net = MLP(2, width, depth, time_features, point_features, generator=generator)
            self.models[f"{name}-{method}"] = NetDenoiser(net, *METHODS[method])

    def __getitem__(self, pair: tuple[str, str]) -> NetDenoiser:
        """The model of ``(data set, method)``.

        Raises:
            ValueError: there is none.
        """
        if pair not in self.pairs:
            raise ValueError(f"pair must be one of {self.pairs}; it is {pair!r}")
        return self.models["-".join(pair)]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """(k, b, 2): what each network returns at x (b, 2) and t (b,)."""
        return torch.stack([self[pair].net(x, t) for pair in self])
