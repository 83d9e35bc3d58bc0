"""Three plans between two Gaussians that a reader drags: the exact map, the entropic plan, and
exact pairs within batches.

Between Gaussians the first two are formulas, so the page's scripts compute all of it at once; what
they do is what this module does with the package.
"""

import json
import math
from dataclasses import astuple, dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import all_finite, finite, inside, positive, whole
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.randomness import randn, seeded
from diffusionbook.shapes import Samples, check_samples
from diffusionbook.transport import optimal as ot

POINTS = 32
SEEDS = (6, 7)  # of the two lists of points: no point lies far out
WARMTH = (0.05, 50.0)  # the ends of the slider of temperatures


@dataclass(frozen=True)
class Shape:
    """A Gaussian in the plane as a reader shapes it.

    Args:
        x: of the centre.
        y: of the centre.
        turn: of its first axis, in degrees.
        along: the standard deviation along that axis, positive.
        across: the one across it, positive.

    Raises:
        ValueError: a number is not finite, or a standard deviation not positive.
    """

    x: float
    y: float
    turn: float
    along: float
    across: float

    def __post_init__(self) -> None:
        for name in ("x", "y", "turn"):
            finite(name, getattr(self, name))
        positive("along", self.along)
        positive("across", self.across)

    def axes(self) -> Float[Tensor, "2 2"]:
        """The columns are the two axes, as long as their standard deviations."""
        angle = math.radians(self.turn)
        c, s = math.cos(angle), math.sin(angle)
        return torch.tensor([[c * self.along, -s * self.across],
                             [s * self.along, c * self.across]], dtype=torch.float64)

    def centre(self) -> Float[Tensor, "2"]:
        return torch.tensor([self.x, self.y], dtype=torch.float64)

    def covariance(self) -> Float[Tensor, "2 2"]:
        return self.axes() @ self.axes().T

    def placed(self, standard: Samples) -> Samples:
        """(n, 2) standard points as they lie in this Gaussian.

        Raises:
            ValueError: they are not (n, 2), or one is not finite.
        """
        check_samples("standard", standard, 2)
        all_finite("standard", standard)
        return self.centre() + standard.double() @ self.axes().T


PRESETS = {
    "Thin, at 30°": (Shape(0, 0, 0, 1, math.sqrt(0.1)), Shape(0, 0, 30, 1, math.sqrt(0.1))),
    "Equal circles": (Shape(-1.1, -0.4, 0, 0.5, 0.5), Shape(1.1, 0.4, 0, 0.5, 0.5)),
    "Wide to narrow": (Shape(-0.9, 0, 90, 0.7, 0.5), Shape(1.5, 0, 90, 0.3, 0.2)),
}


class Plans(NamedTuple):
    """Three plans from one Gaussian to another, and what each costs: a mean squared distance."""

    starts: Samples  # (n, 2) points of the first
    mapped: Samples  # (n, 2) where the exact map sends them
    ends: Samples  # (n, 2) points of the second
    means: Samples  # (n, 2) where the entropic plan between the Gaussians sends them, on average
    plan: Tensor  # (n, n) the entropic plan between the points
    match: Tensor  # (n,) the target of each start within its batch
    least: float  # the exact map's cost (eq-bures), with the squared distance of the centres
    entropic: float  # the entropic plan's, between the Gaussians
    least_of_points: float  # the cheapest pairs of all points
    entropic_of_points: float
    batched: float  # of the pairs within batches


def standard(n: int, seed: int) -> Samples:
    """(n, 2) standard normal points, moved and stretched a little so that their mean is exactly 0
    and their covariance exactly the identity: placed in a Gaussian they have its mean and
    covariance, and no plan between them can cost less than the map between the Gaussians.

    Args:
        n: how many, at least 3.
        seed: of the draw.

    Raises:
        ValueError: ``n`` < 3, or a number is no whole number.
    """
    whole("n", n, least=3)
    whole("seed", seed, least=0)
    x = randn((n, 2), seeded(seed))
    x = x - x.mean(0)
    return torch.linalg.solve_triangular(torch.linalg.cholesky(x.T @ x / n), x.T, upper=False).T


def plans(a: Shape, b: Shape, epsilon: float, batch: int, *, n: int = POINTS) -> Plans:
    """The three plans between two Gaussians, and between n points of each (:eq:`eq-bures-map`,
    :eq:`eq-entropic-gaussian`, :eq:`eq-sinkhorn`, :eq:`eq-assignment`).

    Args:
        a: where it starts.
        b: where it ends.
        epsilon: the temperature, in units of the squared distance.
        batch: how many neighbours of the list of points are paired among themselves.
        n: how many points there are of each.

    Raises:
        ValueError: ``epsilon`` is not positive, ``batch`` < 1 or ``n`` < 3.
    """
    whole("batch", batch, least=1)
    x, y = (shape.placed(standard(n, seed)) for shape, seed in zip((a, b), SEEDS, strict=True))
    first, second, moved = a.covariance(), b.covariance(), b.centre() - a.centre()
    cross = ot.entropic_cross(first, second, epsilon)
    away, shift = x - a.centre(), float(moved @ moved)
    squares = ot.squared_distances(x, y)
    soft = ot.sinkhorn(squares, epsilon).plan
    rows = torch.arange(n)
    match = torch.cat([part[ot.assignment(squares[part][:, part])] for part in rows.split(batch)])
    return Plans(
        starts=x, ends=y, plan=soft, match=match,
        mapped=b.centre() + away @ ot.bures_map(first, second),
        means=b.centre() + away @ torch.linalg.solve(first, cross),
        least=shift + ot.bures_cost(first, second),
        entropic=shift + float((first + second - 2 * cross).trace()),
        least_of_points=float(squares[rows, ot.assignment(squares)].mean()),
        entropic_of_points=float((soft * squares).sum()),
        batched=float(squares[rows, match].mean()),
    )  # fmt: skip


def show(name: str, *, preset: str = "Thin, at 30°", epsilon: float = 0.5, batch: int = 4) -> None:
    """Glue the three plans with Gaussians to drag; in print and without scripts, a picture.

    Args:
        name: for ``{glue:figure}``.
        preset: which Gaussians there are at first, of :data:`PRESETS`.
        epsilon: the temperature at first, 0.05 … 50, in units of the squared distance.
        batch: of the third plan at first: a power of 2 up to the number of points.

    Raises:
        ValueError: an argument is none of these.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}; it is {preset!r}")
    finite("epsilon", epsilon)
    inside("epsilon", epsilon, *WARMTH)
    whole("batch", batch, least=1)
    if batch > POINTS or batch & (batch - 1):
        raise ValueError(f"batch must be a power of 2 up to {POINTS}; it is {batch}")
    picture, alt = _still(*PRESETS[preset], epsilon, batch)
    data = {
        "presets": json.dumps({name: [astuple(a), astuple(b)] for name, (a, b) in PRESETS.items()}),
        "preset": preset, "epsilon": f"{epsilon:g}",
        "warmth": json.dumps(WARMTH), "batch": batch,
        "points": json.dumps([standard(POINTS, seed).flatten().tolist() for seed in SEEDS]),
    }  # fmt: skip
    publish(name, live_part("transport-explorer", data, picture, alt))


def _still(a: Shape, b: Shape, epsilon: float, batch: int) -> tuple[str, str]:
    """The picture for print: PNG in base64, and what it shows in words."""
    from diffusionbook.plots.plans import three_plans

    found = plans(a, b, epsilon, batch)
    one_each = torch.eye(POINTS, dtype=torch.float64)
    figure = three_plans(found.starts, {
        f"Exact map\n{found.least:.3f}": (found.mapped, one_each),
        f"Entropic, ε = {epsilon:g}\n{found.entropic:.3f}": (found.ends, found.plan * POINTS),
        f"Batches of {batch}\n{found.batched:.3f}": (found.ends, one_each[found.match]),
    }, found.means)
    alt = (
        f"Three panels of {POINTS} open dots, points of one Gaussian, with lines to filled dots, "
        f"points of another. Exact map: mean squared distance {found.least:.3f}, the least. "
        f"Entropic plan at temperature {epsilon:g}: each open dot has many faint lines; crosses "
        f"mark where it goes on average; {found.entropic:.3f}. Cheapest pairs in batches of "
        f"{batch}: {found.batched:.3f}, where the least for these points is "
        f"{found.least_of_points:.3f}."
    )
    return in_base64(pixels(figure, dpi=160, colours=64)), alt
