"""Ten ways to sample a posterior in the plane, against the exact one.

The prior has five humps, and its denoiser is exact: what is off is the method's own doing. Three
operators each give one number of the two, with four sizes of noise, and leave several humps
possible. Each method is run with a random sampler and, where it can be, with the ODE. The own score
of the posterior in the same samplers shows what the steps alone cost. Next to the distances stands
what each sample has cost.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from diffusionbook.data.humps import five_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments.common.clouds import Metered, shares_of_humps, w2, wanted_shares
from diffusionbook.guidance.inverse import covariance_aware, dps, null_space, pigdm
from diffusionbook.guidance.operators.operator import Operator, dense
from diffusionbook.guidance.operators.points import Mask, Matrix
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.constrained import Repaint
from diffusionbook.samplers.loop import Stepper, sample
from diffusionbook.samplers.nudged import Nudged
from diffusionbook.samplers.ode import DPMpp2M
from diffusionbook.samplers.particles import best_of, particles
from diffusionbook.samplers.twists import ObservationTwist
from diffusionbook.shapes import Samples

SEEDS = (0, 1, 2)
RECIPES = ()
NOISES = (1.0, 0.5, 0.2, 0.1)  # of the observation
STEPS = 100
LONG = 1_000  # steps of a second run of DPS, whose pull is stiff where the noise is small
SAMPLES = 1_000
BEST_OF = 3  # plain samples that cost as much as one of DPS, if a gradient costs two looks
PASSES = 3  # of RePaint at each step, for the same price
SIZE = 0.3  # of the released code's step along the gradient
PATH = Cosine()
SDE, ODE = DDIM(1.0), DPMpp2M()
TINY = {"NOISES": (0.5,), "STEPS": 4, "LONG": 8, "SAMPLES": 12}


class Problem(NamedTuple):
    """An operator and what it gave."""

    operator: Operator
    observed: Tensor

    def posterior(self, noise_std: float) -> GaussianMixture:
        """The exact law of x, given the observation."""
        return five_humps().condition(dense(self.operator), self.observed, noise_std)


def _number(value: float) -> Tensor:
    return torch.tensor([value], dtype=torch.float64)


def _row(*weights: float) -> Matrix:
    return Matrix(torch.tensor([weights], dtype=torch.float64))


PROBLEMS = {
    "coordinate": Problem(Mask(torch.tensor([False, True])), _number(0.4)),
    "slant": Problem(_row(0.6, -0.8), _number(0.0)),
    "mean": Problem(_row(0.5, 0.5), _number(0.4)),
}
GUIDED: dict[str, Callable] = {
    "dps": dps, "dps long": dps, "pigdm": pigdm, "covariance": covariance_aware,
    "whole": lambda *problem: covariance_aware(*problem, whole=True),
    "null space": lambda model, operator, observed, noise_std:
        null_space(model, operator, observed),
}


def times(method: str) -> Tensor:
    """(STEPS + 1,) equal steps of log-SNR, from nearly pure noise to 0; (LONG + 1,) for "dps long".
    """
    steps = LONG if method == "dps long" else STEPS
    return grids.uniform_log_snr(steps, PATH, t_max=0.998, t_min=1e-3)


def ways(problem: Problem) -> Iterator[tuple[str, str]]:
    """Method and sampler of each row of the table, for this problem."""
    for method in ("exact score", "dps", "pigdm", "covariance", "whole", "null space", "released"):
        yield from ((method, "sde"), (method, "ode"))
    if isinstance(problem.operator, Mask):
        yield "repaint", "sde"
    yield from (("particles", "sde"), ("best", "sde"), ("dps long", "sde"))


@torch.no_grad()
def draw(method: str, sampler: str, problem: Problem, noise_std: float, model: Metered,
         generator: torch.Generator) -> Samples:
    """(SAMPLES, 2) samples of one method.

    Args:
        method: one of :func:`ways`.
        sampler: "sde" or "ode".
        problem: what was observed.
        noise_std: the std of its noise.
        model: of the prior.
        generator: of all noise.
    """
    stepper: Stepper = {"sde": SDE, "ode": ODE}[sampler]
    operator, observed = problem
    twist = ObservationTwist(operator, observed, noise_std)
    noise = randn((SAMPLES * (BEST_OF if method == "best" else 1), 2), generator)
    if method == "particles":
        found = particles(SDE, model, twist, noise, times(method), generator=generator)
        return found.resampled(generator)
    if method == "exact score":
        model = AnalyticDenoiser(problem.posterior(noise_std), PATH)
    elif method in GUIDED:
        model = GUIDED[method](model, operator, observed, noise_std)
    elif method == "released":
        stepper = Nudged(stepper, operator, observed, SIZE)
    elif method == "repaint":
        stepper = Repaint(stepper, operator, observed, PASSES)
    x = sample(stepper, model, noise, times(method), generator=generator)
    return best_of(x, twist.end, BEST_OF) if method == "best" else x


def against(x: Samples, fresh: Samples, law: GaussianMixture) -> dict[str, float]:
    """How a cloud, (n, 2), differs from the posterior, of which ``fresh`` are n exact draws.

    Returns:
        ``w2`` to the fresh draws; ``mean`` and ``cov``, how far its moments are from the law's, as
        distances in the plane and of matrices (Frobenius); ``humps``, half the sum of what the
        humps' shares are off by; and ``hump 0`` to ``hump 4``, these shares.
    """
    prior = five_humps()
    shares = shares_of_humps(prior, x)
    return {
        "w2": w2(x, fresh),
        "mean": float((x.mean(0) - law.mean()).norm()),
        "cov": float((x.T.cov() - law.cov()).norm()),
        "humps": float((shares - wanted_shares(prior, law)).abs().sum() / 2),
    } | {f"hump {k}": float(share) for k, share in enumerate(shares)}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one seed of the noise.

    Keys like ``slant 0.5 dps sde w2`` for what :func:`against` gives, ``slant 0.5 dps sde looks``
    and ``gradients`` for the cost of a sample; ``exact`` in the place of a method for other exact
    draws, which is the floor, and ``slant 0.5 wanted hump 3``.
    """
    numbers = {}
    for name, problem in PROBLEMS.items():
        for noise_std in NOISES:
            law, case = problem.posterior(noise_std), f"{name} {noise_std:g}"
            fresh = law.sample(SAMPLES, seeded(1_000 + seed))
            other = law.sample(SAMPLES, seeded(2_000 + seed))
            wanted = wanted_shares(five_humps(), law)
            numbers |= {f"{case} wanted hump {k}": float(w) for k, w in enumerate(wanted)}
            found = against(other, fresh, law)
            numbers |= {f"{case} exact {key}": value for key, value in found.items()}
            for method, sampler in ways(problem):
                model = Metered(AnalyticDenoiser(five_humps(), PATH))
                x = draw(method, sampler, problem, noise_std, model, seeded(seed))
                found = against(x, fresh, law)
                found["looks"] = model.evaluations / SAMPLES
                found["gradients"] = model.gradients / SAMPLES
                way = f"{case} {method} {sampler}"
                numbers |= {f"{way} {key}": value for key, value in found.items()}
    return numbers
