"""Checks of the exercises of chapter 5. Each raises an AssertionError that says what is off."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from diffusionbook.checks.answers import asked, number, numbers
from diffusionbook.checks.mistakes import unlike
from diffusionbook.checks.verdict import same
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.linear_vae import LinearVAE
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded


def _f64(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _told(what: str, yours: object, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    """Compare, and name the mistake where it is a known one: one that changes the answer here."""
    for name, wrong in mistakes.items():
        try:
            same(what, wrong, right)
        except AssertionError:
            unlike(what, yours, {name: wrong})
    same(what, yours, right)


def check_rates(f: Callable[[Tensor, Tensor, float], Tensor]) -> None:
    """f(variances, noises, beta) → the nats that each axis carries in the best linear VAE.

    Each axis has a decoder noise of its own; each is then a linear VAE in one dimension.
    """
    f, variances, noises = asked(f), _f64(4.0, 2.0, 1.0, 0.5, 0.1), _f64(0.2, 3.0, 0.4, 0.1, 0.3)
    for beta in (1.0, 2.5):
        right = _f64(*(LinearVAE(v.reshape(1, 1), 1, float(s), beta).rate
                       for v, s in zip(variances, noises, strict=True)))
        lost = beta * noises / variances
        _told(f"nats for beta = {beta}", f(variances.clone(), noises.clone(), beta), right, {
            "no axis carries less than nothing: it collapses": -lost.log() / 2,
            "the threshold has a beta in it": (variances / noises).log().clamp(min=0) / 2,
            "each axis has a threshold of its own, so one mean noise will not do":
                (variances / (beta * noises.mean())).log().clamp(min=0) / 2,
            "a rate is half a logarithm": (1 / lost).log().clamp(min=0),
            "these are bits; the book counts in nats": (1 / lost).log2().clamp(min=0) / 2,
            "this is the capacity of a channel; the best linear VAE carries less":
                (1 + 1 / lost).log() / 2,
        })
    print("Correct: each is the rate of the best linear autoencoder of that axis alone.")


def check_draw_and_kl(f: Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]) -> None:
    """f(mean, log_variance, eps) → the draw and, for each sample, its KL divergence from N(0, I).

    Where the draw is a tensor, gradients have to reach both arguments.
    """
    f = asked(f, returns="two values: the draw and the divergences")
    for shape in ((5, 3), (1, 4)):
        mean, log_variance, eps = (randn(shape, seeded(k)) for k in range(3))
        mean.requires_grad_(), log_variance.requires_grad_()
        yours = f(mean, log_variance, eps)
        if not isinstance(yours, tuple | list) or len(yours) != 2:
            raise AssertionError("your function should return two values: the draw, (b, d), and "
                                 "the divergences, (b,)")
        _check_draw(yours[0], mean, log_variance, eps)
        std = (log_variance / 2).exp()
        each = kl_divergence(Normal(mean, std), Normal(0.0, 1.0)).detach()
        _told("your divergences", yours[1], each.sum(1), {
            "of one sample they are summed over its latents, not averaged": each.mean(1),
            "one for each sample: do not sum over the batch": each.sum(),
            "one for each sample: do not average over the batch": each.sum(1).mean(),
            "one for each sample: sum over its latents": each,
            "the sign is turned: a divergence is never below 0": -each.sum(1),
            "a 1 is missing, without which N(0, I) is not 0 nats from itself":
                each.sum(1) + shape[1] / 2,
        })
    print("Correct: the draw moves with mean and variance, and torch.distributions agrees.")


def _check_draw(z: object, mean: Tensor, log_variance: Tensor, eps: Tensor) -> None:
    right = (mean + (log_variance / 2).exp() * eps).detach()
    _told("your draw", z, right, {
        "this takes the variance for the standard deviation": mean + log_variance.exp() * eps,
        "this takes the log-variance for the standard deviation": mean + log_variance * eps,
        "the noise has no size: it is scaled by the standard deviation": mean + eps,
        "this is the mean, without any noise": mean,
    })
    if not isinstance(z, Tensor):
        return
    slopes = torch.autograd.grad(z.sum(), (mean, log_variance), retain_graph=True,
                                 allow_unused=True) if z.requires_grad else (None, None)
    for name, slope in zip(("mean", "log_variance"), slopes, strict=True):
        if slope is None:
            raise AssertionError(f"your draw: no gradient reaches {name}, so training could not "
                                 "move it; use its tensor as it is")


def check_dead_axes(f: Callable[[Tensor, float], int]) -> None:
    """f(variances, weight) → how many axes collapse where the squared error is averaged over the
    pixels, as many as there are variances, and the divergence is summed."""
    f = asked(f)
    variances = 0.5 ** torch.arange(8, dtype=torch.float64)
    for weight in (0.01, 0.03, 0.125, 0.2, 1.0):
        yours = number(f"dead axes for weight {weight}", f(variances.clone(), weight))

        def dead(level: float) -> Tensor:
            return _f64(sum(not _lives(float(v), level) for v in variances))

        level = weight / 2 * len(variances)  # minus the bound times 2 · variance, over the pixels
        _told(f"dead axes for weight {weight}", yours, dead(level), {
            "these are the axes that live": len(variances) - dead(level),
            "the error is averaged, and that raises the level by the number of pixels":
                dead(weight / 2),
            "the level is half of this: the bound has the error over 2 · variance":
                dead(2 * level),
            "an axis at the level is dead, too: what it would keep is 0":
                (variances < level).sum(),
        })
    print("Correct: of eight axes this many collapse, for five weights.")


def _lives(variance: float, level: float) -> bool:
    return bool(LinearVAE(torch.tensor([[variance]]).double(), 1, level).active[0])


def check_blend(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """f(latents, weights) → their mix, a standard normal where the latents are; (n, d), (n,).

    Unit vectors in the place of latents return the factors, and those tell the law exactly.
    """
    f = asked(f)
    for weights in (_f64(1, 2, 3, 4, 5), _f64(0.9, 0.1), _f64(1, 1), _f64(0, 1, 0)):
        n = len(weights)
        given = "weights " + ", ".join(f"{w:g}" for w in weights)
        right = weights / weights.norm()
        _told(f"factors for {given}", f(torch.eye(n).double(), weights.clone()), right, {
            "this is the straight mix, which is too short: the squares of the factors should add "
            "up to 1": weights / weights.sum(),
            "divide all weights by one number; their roots are other weights":
                (weights / weights.sum()).sqrt(),
            "this is right where all weights are equal": weights / weights.sum() * n**0.5,
        })
        latents = randn((n, 6), seeded(n))
        same(f"mix of {n} latents", f(latents, weights.clone()), right @ latents)
    print("Correct: independent standard normals stay one, whatever the weights.")


def check_restore(f: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
    """f(z, mean, std) → latents in the encoder's units, (n, c, c, c), of standard ones.

    There are as many places along an edge as channels, so nothing stops numbers that meet the
    wrong axis.
    """
    f = asked(f)
    mean, std = _f64(3.0, -1.0, 0.5, 0.0), _f64(5.0, 0.2, 1.0, 2.0)
    z = randn((3, 4, 4, 4), seeded(0))
    m, s = mean[:, None, None], std[:, None, None]
    _told("your latents", f(z.clone(), mean.clone(), std.clone()), m + s * z, {
        "mean and std meet the last axis of z, the columns; its channels are the second axis":
            mean + std * z,
        "mean and std meet the third axis of z, the rows; its channels are the second axis":
            mean[:, None] + std[:, None] * z,
        "this makes them standard; they are standard already": (z - m) / s,
        "multiply by std: in the encoder's units the latents are that large": m + z / s,
        "the mean comes back after the std, not before": s * (z + m),
        "the mean is missing": s * z,
        "the std is missing": m + z,
        "each channel has a mean and a std of its own": mean.mean() + std.mean() * z,
    })
    print("Correct: each channel has its own mean and size again.")


def check_times_for(f: Callable[[Tensor, int, int], Tensor]) -> None:
    """f(grid, side, new_side) → the times at which a constant canvas of the new side is as
    uncertain as one of the old side is on ``grid``."""
    f, grid = asked(f), torch.linspace(0.9, 0.1, 5, dtype=torch.float64)
    for side, new in ((64, 128), (64, 64), (64, 32)):
        what = f"your times from side {side} to side {new}"
        yours = numbers(what, f(grid.clone(), side, new))
        if yours.shape != grid.shape:
            raise AssertionError(f"{what}: there should be as many as in the grid, {len(grid)}; "
                                 f"their shape is {tuple(yours.shape)}")
        if not bool(((yours > 0) & (yours < 1)).all()):
            raise AssertionError(f"{what}: they should lie between 0 and 1; they are "
                                 f"{[round(t, 3) for t in yours.tolist()]}")
        if new != side:
            odds = grid / (1 - grid)
            unlike(what, yours, {name: a * odds / (1 + a * odds) for name, a in {
                "this is shifted by the ratio of the pixels; take its root": (new / side) ** 2,
                "this is shifted the other way: more pixels bear more noise": side / new,
                "this takes the sides for numbers of pixels": (new / side) ** 0.5,
            }.items()})
        ratio = [_uncertainty(new, float(s)) / _uncertainty(side, float(t))
                 for t, s in zip(grid, yours, strict=True)]
        # times in float32 move it by 1e-5; the wrong shifts above, by 0.3 and more
        same(f"uncertainty on {what}, as a multiple of that before", ratio, torch.ones(5), 1e-4)
    print("Correct: a canvas of one grey is known as well at each new time as at the old one.")


def _uncertainty(side: int, t: float) -> float:
    """The std of a grey that was N(0, 1), given side² noisy pixels of it at t: given their mean."""
    line, grey = Linear(), GaussianMixture.normal(torch.zeros(1), 1.0)
    shown = float(line.alpha(t)) * torch.ones(1, 1).double()
    return float(grey.condition(shown, torch.zeros(1), float(line.sigma(t)) / side).covs.sqrt())
