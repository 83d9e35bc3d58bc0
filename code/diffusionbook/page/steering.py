"""Steering on a page: the opening picture of its chapter, and an explorer for the reader's browser.

The law is a Gaussian mixture, so the page's scripts know its denoiser and its derivatives as
formulas: they compute what this module does with the package, without weights and without a kernel.
"""

import json
from collections.abc import Callable

import torch
from matplotlib.figure import Figure

from diffusionbook.arguments import all_finite, finite, positive, whole
from diffusionbook.data.humps import ACROSS, LINED, SEEN, five_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.inverse import covariance_aware, dps, pigdm
from diffusionbook.guidance.operators import Matrix
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.particles import particles
from diffusionbook.samplers.twists import ObservationTwist
from diffusionbook.shapes import Samples

GUIDED: dict[str, Callable[..., Denoiser]] = {
    "dps": dps, "pigdm": pigdm, "covariance": covariance_aware,
}  # fmt: skip
METHODS = {"none": "Not steered", "dps": "DPS", "pigdm": "ΠGDM", "covariance": "Covariance-aware",
           "particles": "Particles"}  # fmt: skip
KNOWN = ("line", "point")
DRAWN = 400  # points of each cloud in the opening picture


@torch.no_grad()
def cloud(method: str, operator: torch.Tensor, observed: torch.Tensor, noise_std: float, *,
          n: int = 500, steps: int = 100, seed: int = 1) -> Samples:
    """(n, 2) points of the five humps, steered by one method, by DDPM's steps on the path VP.

    Args:
        method: none, dps, pigdm, covariance or particles.
        operator: (m, 2) the matrix of the observation.
        observed: (m,).
        noise_std: of the observation; positive.
        n: how many points.
        steps: of the sampler, equal in t.
        seed: of the noise and of the sampler.

    Raises:
        ValueError: there is no such method, or a number is none that the method takes.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; it is {method!r}")
    whole("n", n, least=1)
    whole("steps", steps, least=1)
    whole("seed", seed, least=0)
    all_finite("operator", operator)
    positive("noise_std", noise_std)
    model, how = AnalyticDenoiser(five_humps(), VP()), Matrix(operator)
    noise, grid, g = randn((n, 2), seeded(seed)), grids.uniform(steps), seeded(seed + 1)
    if method == "particles":
        twist = ObservationTwist(how, observed, noise_std)
        return particles(Ancestral(), model, twist, noise, grid, generator=g).resampled(g)
    guided = model if method == "none" else GUIDED[method](model, how, observed, noise_std)
    return sample(Ancestral(), guided, noise, grid, generator=g)


def shares(law: GaussianMixture, x: Samples) -> torch.Tensor:
    """(k,) the weight of each component in a cloud (n, 2): the mean over its points of how probable
    the component is there. Whatever the components were tilted by, its expectation under the tilted
    law is the tilted weight.

    Raises:
        ValueError: a point is not finite.
    """
    all_finite("x", x)
    components = torch.distributions.MultivariateNormal(law.means, law.covs)
    return (components.log_prob(x[:, None]) + law.weights.log()).softmax(1).mean(0)


def opening(noise_std: float, *, n: int = 1_500, steps: int = 100) -> Figure:
    """The prior and a line, the exact posterior, and what four methods sample instead.

    Args:
        noise_std: of the observation; positive.
        n: points in each cloud; some 400 of them are drawn.
        steps: of the sampler.

    Raises:
        ValueError: a number is not as it should be.
    """
    from diffusionbook.plots.steering import on_humps

    law, a, y = five_humps(), torch.tensor(ACROSS).double(), torch.tensor(SEEN).double()
    exact = law.condition(a, y, noise_std)
    share = float(exact.weights[exact.labels == LINED].sum())
    clouds = {"All data": (law.sample(n, seeded(3)), "data"),
              f"Exact: {share:.0%} on {LINED + 1}": (exact.sample(n, seeded(4)), "exact")}
    for method in ("dps", "pigdm", "covariance", "particles"):
        x = cloud(method, a, y, noise_std, n=n, steps=steps)
        title = METHODS[method].removesuffix("-aware")
        clouds[f"{title}: {shares(law, x)[LINED]:.0%}"] = x, "guide"
    few = {title: (x[:: max(1, n // DRAWN)], meaning) for title, (x, meaning) in clouds.items()}
    return on_humps(few, law, a, y, noise_std, columns=3, width=5.0)


def show(
    name: str,
    *,
    method: str = "dps",
    known: str = "line",
    place: tuple[float, float] = (0.32, 0.24),
    angle: int = 37,
    noise_std: float = 0.5,
    points: int = 1_000,
) -> None:
    """Glue the explorer of steering; in print and without scripts, a picture of it.

    Args:
        name: for ``{glue:figure}``.
        method: at first: none, dps, pigdm, covariance or particles.
        known: what is observed at first: line, one number, or point, two.
        place: where the reader's ring stands at first.
        angle: of the direction in which the line's number is measured, 0 … 175 degrees.
        noise_std: of the observation at first, 0.2 … 2 in twentieths.
        points: how many there are, 1 … 5000.

    Raises:
        ValueError: an argument is none of these.
    """
    if known not in KNOWN:
        raise ValueError(f"known must be one of {', '.join(KNOWN)}; it is {known!r}")
    whole("angle", angle)
    whole("points", points)
    for argument, value, least, most in (
        ("place", place[0], -2.9, 2.9), ("place", place[1], -2.9, 2.9), ("angle", angle, 0, 175),
        ("noise_std", noise_std, 0.2, 2), ("points", points, 1, 5_000),
    ):  # fmt: skip
        if not least <= value <= most:
            raise ValueError(f"{argument} must lie between {least} and {most}; it is {value}")
    picture, alt = _still(method, known, place, angle, noise_std)
    first = {"method": method, "known": known, "place": json.dumps(list(place)), "angle": angle,
             "noise": f"{noise_std:g}", "particles": points,
             "law": json.dumps(table(five_humps()))}  # fmt: skip
    publish(name, live_part("steering-explorer", first, picture, alt))


def table(law: GaussianMixture) -> list[list[float]]:
    """A row for each component: weight, mean x, y and covariance xx, xy, yy."""
    covs = law.covs.reshape(-1, 4)[:, [0, 1, 3]]
    return torch.cat([law.weights[:, None], law.means, covs], 1).tolist()


def observation(known: str, place: tuple[float, float], angle: float) -> tuple:
    """Operator (m, 2) and observed (m,) of the reader's ring, as the page's scripts have them.

    Args:
        known: line, one number, or point, two.
        place: of the ring.
        angle: of the direction in which the line's number is measured, in degrees.

    Raises:
        ValueError: a number is not finite.
    """
    finite("place", *place)
    finite("angle", angle)
    at = torch.tensor(place, dtype=torch.float64)
    if known == "point":
        return torch.eye(2, dtype=torch.float64), at
    turn = torch.deg2rad(torch.tensor(angle, dtype=torch.float64))
    a = torch.stack([turn.cos(), turn.sin()])[None]
    return a, a @ at


def _still(method: str, known: str, place: tuple[float, float], angle: int, noise_std: float
          ) -> tuple[str, str]:
    """The picture for print: PNG in base64, and what it shows in words."""
    from diffusionbook.plots.steering import on_humps

    law, (a, y) = five_humps(), observation(known, place, angle)
    exact, x = law.condition(a, y, noise_std), cloud(method, a, y, noise_std)
    weights = torch.zeros(len(law.weights)).double().index_add(0, exact.labels, exact.weights)
    title = METHODS[method]
    figure = on_humps({title: (x, "data"), "Exact law": (exact.sample(500, seeded(4)), "exact")},
                      law, a, y, noise_std, columns=2, width=5.0)
    told = [", ".join(f"{100 * w:.0f}" for w in each) for each in (shares(law, x), weights)]
    alt = (f"Two clouds of points over the outlines of five numbered humps, and what is "
           f"observed: {'a dotted line' if known == 'line' else 'a dotted ring'}. "
           f"{title}: humps 1 to 5 hold {told[0]} per cent of the points. Exact law: {told[1]}.")
    return in_base64(pixels(figure, dpi=160, colours=64)), alt
