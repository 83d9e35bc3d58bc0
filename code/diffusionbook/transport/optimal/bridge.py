"""Schrödinger's bridge: the most likely way from one cloud to another for Brownian particles.

Its ends are paired by the entropic plan at epsilon = 2 sigma², and between a pair's ends runs a
Brownian bridge. Time runs from 0, at the starts, to 1, at the ends.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, inside, positive
from diffusionbook.randomness import randn
from diffusionbook.shapes import check_samples
from diffusionbook.transport.optimal.checks import Weights, masses
from diffusionbook.transport.optimal.entropic_gaussians import entropic_cross
from diffusionbook.transport.optimal.log_domain import sinkhorn
from diffusionbook.transport.optimal.plans import squared_distances


def bridge_variance(a: float, b: float, sigma: float, t: float) -> float:
    """The variance at time t of the bridge between N(0, a²) and N(0, b²)
    (:eq:`eq-bridge-variance`).

    Args:
        a: std at t = 0.
        b: std at t = 1.
        sigma: of the Brownian motion: it spreads by sigma² in the unit of time.
        t: in [0, 1].

    Raises:
        ValueError: a std or ``sigma`` is not positive and finite, or ``t`` is outside [0, 1].
    """
    for name, value in (("a", a), ("b", b), ("sigma", sigma)):
        positive(name, value)
    inside("t", t, 0.0, 1.0)
    first, second = (torch.tensor([[s**2]], dtype=torch.float64) for s in (a, b))
    c = float(entropic_cross(first, second, 2 * sigma**2))
    ends = (1 - t) ** 2 * a**2 + t**2 * b**2 + 2 * t * (1 - t) * c
    return ends + sigma**2 * t * (1 - t)


def bridge_points(
    x: Float[Tensor, "n *d"], y: Float[Tensor, "n *d"], sigma: float, t: float,
    generator: torch.Generator | None = None,
) -> Float[Tensor, "n *d"]:
    """Points at time t of Brownian bridges between the ends of pairs (:eq:`eq-bridge`).

    Args:
        x: (n, *d) their starts.
        y: (n, *d) their ends.
        sigma: of the Brownian motion; 0 is the straight line.
        t: in [0, 1].
        generator: source of the noise.

    Raises:
        ValueError: ``sigma`` is negative or not finite, ``t`` is outside [0, 1], or x and y differ
            in shape, are empty or not finite.
    """
    inside("t", t, 0.0, 1.0)
    inside("sigma", sigma, 0.0, 1e150)
    check_samples("x", x)
    for name, points in (("x", x), ("y", y)):
        all_finite(name, points)
    if y.shape != x.shape:
        raise ValueError(f"y must have the shape of x, {tuple(x.shape)}; it has {tuple(y.shape)}")
    noise = randn(x.shape, generator).to(x)
    return (1 - t) * x + t * y + sigma * (t * (1 - t)) ** 0.5 * noise


@dataclass(frozen=True)
class Bridge:
    """The bridge to a cloud of ends, as a process that knows where it is and nothing of its past.

    Given its place x at time t it ends at y_j with a probability in proportion to
    ``mass_j exp(price_j / epsilon) exp(−|x − y_j|² / (2 sigma² (1 − t)))``.

    Attributes:
        ends: (m, d) the points where it ends.
        prices: (m,) of the ends, from Sinkhorn's iterations.
        mass: (m,) of the ends.
        sigma: of the Brownian motion.

    Raises:
        ValueError: ``sigma`` is not positive and finite, a mass is not positive, or a number is not
            finite.
    """

    ends: Float[Tensor, "m d"]
    prices: Float[Tensor, " m"]
    mass: Float[Tensor, " m"]
    sigma: float

    def __post_init__(self) -> None:
        positive("sigma", self.sigma)
        all_finite("ends", self.ends)
        all_finite("prices", self.prices)
        masses("mass", self.mass, len(self.ends))

    @classmethod
    def between(
        cls, x: Float[Tensor, "n d"], y: Float[Tensor, "m d"], sigma: float,
        a: Weights | None = None, b: Weights | None = None,
    ) -> "Bridge":
        """The bridge between two clouds.

        Args:
            x: (n, d) starts.
            y: (m, d) ends.
            sigma: of the Brownian motion, in the units of x.
            a: (n,) masses of the starts; default: equal ones.
            b: (m,) masses of the ends; default: equal ones.

        Raises:
            ValueError: ``sigma`` is not positive and finite, or what
                :func:`~diffusionbook.transport.optimal.log_domain.sinkhorn` raises.
            RuntimeError: likewise.
        """
        positive("sigma", sigma)
        for name, points in (("x", x), ("y", y)):
            check_samples(name, points, "d")
        found = sinkhorn(squared_distances(x, y), 2 * sigma**2, a, b, tolerance=1e-6)
        return cls(y.double(), found.g, masses("b", b, len(y)), sigma)

    def shares(self, x: Float[Tensor, "n d"], t: float) -> Float[Tensor, "n m"]:
        """How probable each end is from x at time t < 1; (n, m).

        Raises:
            ValueError: ``t`` is outside [0, 1), or x does not fit the ends.
        """
        if not 0 <= t < 1:
            raise ValueError(f"t must lie in [0, 1); it is {t}")
        spread = 2 * self.sigma**2
        logits = self.mass.log() + self.prices / spread
        return (logits - squared_distances(x, self.ends) / (spread * (1 - t))).softmax(1)

    def drift(self, x: Float[Tensor, "n d"], t: float) -> Float[Tensor, "n d"]:
        """Towards where it will probably end, (E[y | x] − x) / (1 − t)
        (:eq:`eq-bridge-drift`); (n, d).

        Raises:
            ValueError: as :meth:`shares`.
        """
        return (self.shares(x, t) @ self.ends - x.double()) / (1 - t)

    def walk(
        self, x: Float[Tensor, "n d"], times: Float[Tensor, " k"],
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "k n d"]:
        """Particles from x through given times, without an error of discretisation: each step
        draws an end for the particle and goes a stretch of the Brownian bridge to it. The end is
        drawn anew in each step, and forgotten.

        Args:
            x: (n, d) places at ``times[0]``.
            times: (k,) rising, in [0, 1].
            generator: source of the draws.

        Returns:
            (k, n, d), of which the first are the places.

        Raises:
            ValueError: the times do not rise within [0, 1], or x does not fit the ends.
        """
        times = times.double()
        if times.ndim != 1 or len(times) < 2 or not bool((times.diff() > 0).all()):
            raise ValueError(f"times must be two or more and rise; they are {times.tolist()}")
        inside("times", float(times[0]), 0.0, 1.0)
        inside("times", float(times[-1]), 0.0, 1.0)
        states = [x.double()]
        for t, s in zip(times[:-1].tolist(), times[1:].tolist(), strict=True):
            chosen = torch.multinomial(self.shares(states[-1], t), 1, generator=generator)[:, 0]
            way = (s - t) / (1 - t)  # the share of the way to the end
            sigma = self.sigma * (1 - t) ** 0.5
            states.append(bridge_points(states[-1], self.ends[chosen], sigma, way, generator))
        return torch.stack(states)
