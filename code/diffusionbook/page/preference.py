"""Preferences on a page: three rewards in the plane, for a triangle in the reader's browser.

The law is a Gaussian mixture and the rewards are quadratic, so the page's scripts know the steered
denoiser and the exact law as formulas: they compute what this module does with the package.
"""

import json

import torch
from torch import Tensor

from diffusionbook.arguments import whole
from diffusionbook.data.humps import five_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.rewards import QuadraticReward
from diffusionbook.page.picture import in_base64, live_part, pixels
from diffusionbook.page.report import publish
from diffusionbook.page.steering import table
from diffusionbook.pareto.laws import mean_reward, tilted_by
from diffusionbook.pareto.preferences import check_preferences
from diffusionbook.pareto.sampled import preference_with_mean
from diffusionbook.pareto.scalarise import weighted_sum
from diffusionbook.pareto.steering import Objective, steer_by_sum
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import Ancestral
from diffusionbook.samplers.loop import sample
from diffusionbook.shapes import Samples

NAMES = ("A", "B", "C")
CENTRES = ((1.6, 1.2), (-1.6, -0.6), (1.0, -1.8))  # what each reward would like to be near
SCALE = 2.0  # nats for a unit of reward; all rewards have width 1
STEPS, START = 60, 0.999  # equal in t, from nearly pure noise
DATA = ("humps", "one")


def prior(data: str) -> GaussianMixture:
    """The law that is steered: chapter 6's five humps, or one standard Gaussian.

    Raises:
        ValueError: there is no such law.
    """
    if data not in DATA:
        raise ValueError(f"data must be one of {', '.join(DATA)}; it is {data!r}")
    return five_humps() if data == "humps" else GaussianMixture.normal(torch.zeros(2).double(), 1.0)


def rewards() -> list[QuadraticReward]:
    """Three places that one would like to be near."""
    return [QuadraticReward(torch.tensor(c, dtype=torch.float64), 1.0) for c in CENTRES]


def cloud(data: str, preference: Tensor, *, n: int = 500, seed: int = 1) -> Samples:
    """(n, 2) points of a law, steered by the weighted sum of three rewards (:eq:`eq-steer-many`),
    by DDPM's steps.

    Args:
        data: humps or one.
        preference: (3,), not negative, adding up to 1.
        n: how many points.
        seed: of the noise and of the sampler.

    Raises:
        ValueError: an argument is none of these.
    """
    whole("n", n, least=1)
    whole("seed", seed, least=0)
    wanted = [Objective(name, of) for name, of in zip(NAMES, rewards(), strict=True)]
    guided = steer_by_sum(AnalyticDenoiser(prior(data), Cosine()), wanted, preference,
                          weighted_sum, SCALE)  # fmt: skip
    generator = seeded(seed)
    with torch.no_grad():
        return sample(Ancestral(), guided, randn((n, 2), generator),
                      grids.uniform(STEPS, t_max=START), generator=generator)  # fmt: skip


def show(
    name: str, *, data: str = "humps", preference: tuple[float, float, float] = (0.1, 0.1, 0.8),
    points: int = 500,
) -> None:
    """Glue the triangle of preferences; in print and without scripts, a picture of it.

    Args:
        name: for ``{glue:figure}``.
        data: what is steered at first: humps or one.
        preference: at first; not negative, adding up to 1.
        points: how many there are, an even number, 2 … 2000: they come in pairs of opposite noise.

    Raises:
        ValueError: an argument is none of these.
    """
    w = check_preferences(torch.tensor(preference, dtype=torch.float64), 1, len(NAMES))[0]
    whole("points", points)
    if not 2 <= points <= 2_000 or points % 2:
        raise ValueError(f"points must be an even number from 2 to 2000; it is {points}")
    law = prior(data)
    picture, alt = _still(law, data, w)
    first = {"laws": json.dumps({each: table(prior(each)) for each in DATA}), "data": data,
             "centres": json.dumps(CENTRES), "scale": f"{SCALE:g}", "steps": STEPS, "start": START,
             "preference": json.dumps(list(preference)), "points": points}  # fmt: skip
    publish(name, live_part("preference-triangle", first, picture, alt, still="preference-still"))


def _still(law: GaussianMixture, data: str, w: Tensor) -> tuple[str, str]:
    """The picture for print: PNG in base64, and what it shows in words."""
    from diffusionbook.plots.preference import preferred

    x, exact = cloud(data, w), tilted_by(law, rewards(), w, SCALE)
    got = preference_with_mean(law, rewards(), SCALE, x.mean(0))
    figure = preferred(law, rewards(), SCALE, w, x, got)
    told = [", ".join(f"{100 * share:.0f}" for share in each) for each in (w, got)]
    values = [", ".join(f"{value:.2f}" for value in each) for each in (
        [mean_reward(exact, reward) for reward in rewards()],
        [float(reward(x).mean()) for reward in rewards()])]
    alt = (f"Left, a triangle with corners A, B and C, and a dot at the preference of {told[0]} "
           f"per cent; a ring marks what is sampled, {told[1]} per cent. Right, the plane: the "
           f"outlines of the data and, darker, of the exact law, a cloud of steered points, and a "
           f"dashed figure with three corners on which the means of all exact laws lie. Mean "
           f"rewards: exact {values[0]}; sampled {values[1]}.")
    return in_base64(pixels(figure, dpi=160, colours=64)), alt
