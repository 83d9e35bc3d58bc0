"""How many nats of a digit do three autoencoders keep, at what squared error?

A linear, a dense and a convolutional variational autoencoder are trained at five weights beta of
the KL divergence, and measured on test digits that none has seen. What the best linear one does is
a formula of the covariance of the training digits; ``exact`` is that optimum, measured on the same
test digits. The linear one is trained on the mean of its loss, the others on draws.
"""

import torch
from torch import Tensor

from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.exact.water_filling import shannon_rate
from diffusionbook.experiments.common.digit_vae import (
    LATENTS,
    SIZE,
    STEPS,
    VARIANCE,
    recipe,
    small_digits,
)
from diffusionbook.experiments.common.linear_search import Moments, search
from diffusionbook.nets.vector_vae import VectorVAE, linear_vae
from diffusionbook.randomness import seeded
from diffusionbook.zoo.by_recipe import trained

SEEDS = (0, 1, 2)
BETAS = (0.1, 0.3, 1.0, 3.0, 10.0)
RECIPES = tuple(recipe(net) for net in STEPS)
SEARCH = 1_500  # steps, for the linear model
USED = 0.01  # nats: a latent with a smaller mean divergence has collapsed
TINY = {"SEARCH": 3, "STEPS": {"mlp": 3, "conv": 3}, "BETAS": (0.3, 10.0), "LATENTS": 30}


@torch.no_grad()
def measured(net: VectorVAE, images: Tensor, seed: int) -> dict[str, float]:
    """What ``net`` does with images (n, 1, size, size), in means over them.

    ``rate`` in nats, ``distortion`` as the summed squared error of a decoded draw, and ``active``,
    the number of latents whose mean divergence is above :data:`USED`.
    """
    images = images.to(next(net.parameters()).dtype)
    generator, divergences, error = seeded(seed), 0.0, 0.0
    for part in images.split(1_000):
        posterior = net.posterior(part)
        divergences = divergences + posterior.kl().double().sum(0)
        decoded = net.image(posterior.sample(generator))
        error += float((decoded - part).double().square().sum())
    divergences = divergences / len(images)
    return {"rate": float(divergences.sum()), "distortion": error / len(images),
            "active": float((divergences > USED).sum())}


def measure(seed: int, device: torch.device) -> dict[str, float]:
    """All numbers of one training seed; keys like ``conv beta=0.3 rate``.

    Beside what :func:`measured` gives of the test digits: ``curve``, the nats that Shannon's curve
    of the *training* digits' covariance has at that distortion, and ``train rate`` and ``train
    distortion`` on as many training digits. ``exact`` is the linear optimum for the training
    digits, measured on the test digits by their moments; its ``active`` counts the axes above the
    level.
    """
    train, test = small_digits("train"), small_digits("test")
    data = Moments(train)
    of_test = Moments(test, around=data.mean)
    variances = torch.linalg.eigvalsh(data.cov).clamp(min=0)
    numbers = {}
    for beta in BETAS:
        exact = LinearVAE(data.cov, LATENTS, VARIANCE, beta)
        rate, distortion = exact.measured_on(of_test.cov)
        found = {"exact": {"rate": rate, "distortion": distortion,
                           "active": float(exact.active.sum())}}
        nets = {"linear": search(linear_vae(SIZE, LATENTS, seed=seed), data, 2 * exact.level,
                                 SEARCH)}
        for net in STEPS:
            how = recipe(net, beta, seed)
            nets[net] = trained(how, how.model().to(device), (train,)).model.cpu()
        for name, net in nets.items():
            seen = measured(net, train[: len(test)], seed)
            found[name] = measured(net, test, seed) | {
                f"train {key}": seen[key] for key in ("rate", "distortion")}
            found[name]["curve"] = shannon_rate(variances, found[name]["distortion"])
        numbers |= {f"{name} beta={beta:g} {key}": value
                    for name, values in found.items() for key, value in values.items()}
    return numbers
