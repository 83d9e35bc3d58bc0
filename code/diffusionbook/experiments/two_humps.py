"""Two humps on a line and one observation between them: which method finds the right hump?

The prior, its denoiser and the posterior are exact, so what is off is the method's own doing. The
correction that is exact on Gaussians is tried where the data are not one Gaussian.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.data.two_humps import two_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments.common.clouds import w1_on_a_line
from diffusionbook.guidance.inverse import covariance_aware, dps, pigdm
from diffusionbook.guidance.operators.points import Matrix
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import grids
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.particles import particles
from diffusionbook.samplers.twists import ObservationTwist
from diffusionbook.shapes import Samples

SEEDS = (0, 1, 2)
RECIPES = ()
CASES = ((0.5, 1.0), (0.3, 0.5))  # the observation and its noise
STEPS = 800  # DPS needs small ones
SAMPLES = 5_000
PARTICLES = (100, 1_000, 10_000)
CLOUD_STEPS = 200
RUNS = 50
PER_RUN = 1_000
RUN_STEPS = 100
PATH = Cosine()
IDENTITY = Matrix(torch.ones(1, 1, dtype=torch.float64))
SAMPLERS = {"ode": DDIM(), "sde": DDIM(1.0)}
METHODS: dict[str, Callable[..., Denoiser]] = {
    "dps": dps, "pigdm": pigdm, "covariance": covariance_aware,
    "whole": lambda *problem: covariance_aware(*problem, whole=True),
}
TINY = {"STEPS": 3, "SAMPLES": 20, "PARTICLES": (10,), "CLOUD_STEPS": 3, "RUNS": 2,
        "PER_RUN": 10, "RUN_STEPS": 3, "FRESH": 50, "CASES": ((0.5, 1.0),)}
FRESH = 200_000  # exact draws, to measure distances to


def times(steps: int) -> Tensor:
    """(steps + 1,) equal steps of log-SNR, from nearly pure noise to 0."""
    return grids.uniform_log_snr(steps, PATH, t_max=0.998, t_min=1e-3)


def posterior(observed: float, noise_std: float) -> GaussianMixture:
    """What is left of the two humps after x + noise has been observed."""
    return two_humps().condition(IDENTITY.a, torch.tensor([observed]), noise_std)


def right(law: GaussianMixture) -> float:
    """The mass that a law on the line has right of 0."""
    stds = law.covs[:, 0, 0].sqrt()
    return float(law.weights @ torch.special.ndtr(law.means[:, 0] / stds))


@torch.no_grad()
def draw(method: str, sampler: str, observed: float, noise_std: float, seed: int) -> Samples:
    """(SAMPLES, 1) from one of :data:`METHODS` and one of :data:`SAMPLERS`."""
    model, generator = AnalyticDenoiser(two_humps(), PATH), seeded(seed)
    guided = METHODS[method](model, IDENTITY, torch.tensor([observed]), noise_std)
    noise = randn((SAMPLES, 1), generator)
    return sample(SAMPLERS[sampler], guided, noise, times(STEPS), generator=generator)


def weighed(
    n: int, observed: float, noise_std: float, seed: int, steps: int, runs: int = 1
) -> tuple[Samples, Tensor]:
    """(runs, n) particles on the line and their weights, each row independent of the others."""
    model, generator = AnalyticDenoiser(two_humps(), PATH), seeded(1_000 + seed)
    twist = ObservationTwist(IDENTITY, torch.tensor([observed]), noise_std)
    found = particles(DDIM(1.0), model, twist, randn((runs * n, 1), generator), times(steps),
                      runs=runs, generator=generator)
    return found.x.reshape(runs, n), found.weights


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one seed of the noise.

    Keys start with the observation and its noise, as ``0.5 1``. After ``exact``, or method and
    sampler as ``dps sde``, or ``particles 100``, comes ``right``, the mass right of 0, or ``w1``,
    the distance to the posterior; ``floor w1`` is that of as many exact draws. Of :data:`RUNS`
    runs of :data:`PER_RUN` particles, ``runs bias`` and ``runs std`` are those of their masses.
    """
    numbers = {}
    for observed, noise_std in CASES:
        law, case = posterior(observed, noise_std), f"{observed:g} {noise_std:g}"
        fresh = law.sample(FRESH, seeded(2_000 + seed))
        numbers[f"{case} exact right"] = right(law)
        exact = law.sample(SAMPLES, seeded(3_000 + seed))
        numbers[f"{case} floor w1"] = w1_on_a_line(exact, fresh)
        for method in METHODS:
            for sampler in SAMPLERS:
                x = draw(method, sampler, observed, noise_std, seed)
                numbers[f"{case} {method} {sampler} right"] = float((x > 0).double().mean())
                numbers[f"{case} {method} {sampler} w1"] = w1_on_a_line(x, fresh)
        for n in PARTICLES:
            x, weights = weighed(n, observed, noise_std, seed, CLOUD_STEPS)
            numbers[f"{case} particles {n} right"] = float(weights[x > 0].sum())
            numbers[f"{case} particles {n} w1"] = w1_on_a_line(x.mT, fresh, weights[0])
        x, weights = weighed(PER_RUN, observed, noise_std, seed, RUN_STEPS, RUNS)
        masses = (weights * (x > 0)).sum(1)
        numbers[f"{case} runs bias"] = float(masses.mean()) - right(law)
        numbers[f"{case} runs std"] = float(masses.std())
    return numbers
