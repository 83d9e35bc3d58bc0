"""Checks of the exercises of chapter 6. Each raises an AssertionError that says what is off."""

from collections.abc import Callable

import torch
from torch import Tensor

from diffusionbook.checks.answers import asked, number, numbers
from diffusionbook.checks.mistakes import unlike
from diffusionbook.checks.verdict import same
from diffusionbook.exact.dps_law import dps_ode, dps_sde
from diffusionbook.randomness import randn, seeded


def _f64(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _told(what: str, yours: object, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    """Compare, and name the mistake where it is a known one."""
    _named(what, yours, right, mistakes)
    same(what, yours, right)


def _named(what: str, yours: object, right: Tensor, mistakes: dict[str, Tensor]) -> None:
    """Name the mistake where it is a known one: one that changes the answer here."""
    for name, wrong in mistakes.items():
        try:
            same(what, wrong, right)
        except AssertionError:
            unlike(what, yours, {name: wrong})


def check_log_mean_reward(f: Callable[[Tensor, float, float, float], Tensor]) -> None:
    """f(x, alpha, sigma, b) → log E[e^(b x0) | x_t = x] for data that are −1 or 1, evenly; (n,)."""
    f, x = asked(f), _f64(-2.0, -0.4, 0.0, 0.3, 1.1)
    for alpha, sigma, b in ((0.6, 0.8, 1.0), (0.9, 0.7, -2.0)):
        data = _f64(-1.0, 1.0)
        fit = -(x[:, None] - alpha * data) ** 2 / (2 * sigma**2)
        right = (fit + b * data).logsumexp(1) - fit.logsumexp(1)
        mean = fit.softmax(1) @ data

        def rise(push: Tensor, moved: float = b) -> Tensor:
            return (push + moved).cosh().log() - push.cosh().log()

        _told(f"for alpha = {alpha}, sigma = {sigma}, b = {b}", f(x.clone(), alpha, sigma, b),
              right, {
            "this is the plug-in, the reward of the mean": b * mean,
            "this is the gradient in x; return the logarithm itself":
                alpha / sigma**2 * ((alpha * x / sigma**2 + b).tanh()
                                    - (alpha * x / sigma**2).tanh()),
            "two moments are enough for a Gaussian, not for two points":
                b * mean + b**2 * (1 - mean**2) / 2,
            "this is the average over all data: what x says of x0 is missing":
                torch.full_like(x, b).cosh().log(),
            "the logarithm is of the average, not the average of the exponentials alone":
                right.exp(),
            "divide by the average without a reward: probabilities add up to 1":
                (alpha * x / sigma**2 + b).cosh().log(),
            "divide by the variance of the noise, not by its standard deviation":
                rise(alpha * x / sigma),
            "the noisy points are at plus and minus alpha, not 1": rise(x / sigma**2),
            "the reward rises with x0: the sign of b is turned":
                rise(alpha * x / sigma**2, -b),
        })
    print("Correct: at five points, for two noises and two rewards.")


def check_too_sure(f: Callable[[int, float], tuple[float, float]]) -> None:
    """f(n, kappa) → the exact posterior's variance over DPS's, by ODE and by SDE, for n photos."""
    f = asked(f, returns="two numbers: for the ODE and for the SDE")
    for n, kappa in ((1, 4.0), (3, 0.5), (10, 0.8)):
        what = f"for n = {n}, kappa = {kappa}"
        yours = f(n, kappa)
        yours = list(yours if isinstance(yours, list | tuple) else numbers(what, yours).flatten())
        if len(yours) != 2:
            raise AssertionError(f"{what}: there should be two numbers, for the ODE and for the "
                                 f"SDE; there are {len(yours)}")
        right, all_of_them = _ratios(n * kappa), 1 + n * kappa
        mistakes = {
            "this is for one photo; n of them tell more": _ratios(kappa),
            "n photos know the mean to a variance n times smaller, so kappa grows by n, not its "
            "root": _ratios(n**0.5 * kappa),
            "the exact posterior has seen all photos, too": right * all_of_them / (1 + kappa),
            "this is DPS's variance over the exact one, upside down": 1 / right,
            "these are ratios of standard deviations": right.sqrt(),
            "the SDE's comes second": right.flip(0),
            "these are DPS's variances themselves": 1 / (right * all_of_them),
        }
        for k, solver in enumerate(("ODE", "SDE")):  # of very different size
            _told(f"{what}, by {solver}", number(what, yours[k]) / right[k], _f64(1.0),
                  {name: wrong[k:k + 1] / right[k] for name, wrong in mistakes.items()})
    print("Correct: with more photos the SDE's ratio tends to 2, the ODE's to infinity.")


def _ratios(kappa: float) -> Tensor:
    laws = (law(1.0, kappa**-0.5, 1.0) for law in (dps_ode, dps_sde))
    return _f64(*(1 / ((1 + kappa) * law.variance) for law in laws))


def check_adjoint(f: Callable[[Tensor], Tensor]) -> None:
    """f(y) → the adjoint, (b, d), of the slopes x[:, 1:] − x[:, :-1]; y is (b, d − 1)."""
    f = asked(f)
    for b, d in ((3, 5), (1, 4), (2, 2)):
        x, y = randn((b, d), seeded(d)), randn((b, d - 1), seeded(b))
        slopes = torch.eye(d).double().diff(dim=1)  # x @ slopes is A x
        right, summed = y @ slopes.T, torch.cat([torch.zeros(b, 1), y.cumsum(1)], 1)
        what, yours = f"your adjoint of slopes of {d} numbers", f(y.clone())
        _told(what, yours, right, {
            "this undoes A; that is an inverse, and an adjoint is the transposed matrix": summed,
            "this is the pseudo-inverse; an adjoint is the transposed matrix":
                summed - summed.mean(1, keepdim=True),
            "the sign is turned": -right,
            "the first number enters one slope, too, with a minus": _without(right, 0),
            "the last number enters one slope, too": _without(right, -1),
            "the first and the last number enter one slope each": _without(right, [0, -1]),
            "each number enters two slopes, with different signs": y @ slopes.T.abs(),
        })
        same(f"{what}: the product of A x and y", (numbers(what, yours) * x).sum(),
             (x.diff(dim=1) * y).sum())
    print("Correct: the product of A x and y is that of x and your answer.")


def _without(x: Tensor, columns: int | list[int]) -> Tensor:
    kept = x.clone()
    kept[:, columns] = 0
    return kept


def check_systematic(f: Callable[[Tensor, float], Tensor]) -> None:
    """f(weights, u) → n indices of survivors, with teeth at (u + i) / n; in any order."""
    f = asked(f)
    for u, weights in ((0.45, _f64(0.05, 0.42, 0.13, 0.02, 0.3, 0.08)), (0.7, _f64(0.6, 0.1, 0.3)),
                       (0.5, torch.ones(8).double() / 8), (0.0, _f64(0.0, 0.1, 0.3, 0.6))):
        n, heights = len(weights), weights.cumsum(0)
        each = torch.arange(n).double()
        what = f"survivors for {n} weights, u = {u}"
        yours = numbers(what, f(weights.clone(), u))
        if yours.shape != (n,):
            raise AssertionError(f"{what}: there should be {n} indices, as many as weights; "
                                 f"their shape is {tuple(yours.shape)}")
        teeth = (each + u) / n
        right = torch.searchsorted(heights, teeth, right=True)
        copies = torch.bincount(right, minlength=n)
        _named(what, yours.sort().values, right, {
            "these are the numbers of copies; return indices": copies.sort().values,
            "look the teeth up in the cumulated weights":
                torch.searchsorted(weights, teeth, right=True).sort().values,
            "the first tooth is at u / n, not at u":
                torch.searchsorted(heights, (each / n + u) % 1, right=True).sort().values,
            "the first tooth is at u / n; from u the last ones leave the comb":
                torch.searchsorted(heights, each / n + u, right=True),
            "the teeth do not move with u": torch.searchsorted(heights, each / n, right=True),
            "at u = 0 a particle of weight 0 survives: look for heights above the tooth":
                torch.searchsorted(heights, teeth),
            "all survive once, whatever their weights": each,
            "indices count from 0": right + 1,
        })
        taken = (yours[:, None] == each).sum(0)
        if int(taken.sum()) < n:
            raise AssertionError(f"{what}: indices should be whole numbers from 0 to {n - 1}; "
                                 f"yours are {yours.tolist()}")
        if bool(((taken - n * weights).abs() > 1 + 1e-9).any()):
            raise AssertionError(f"{what}: copies of a particle should be less than one away from "
                                 f"n times its weight; yours are {taken.tolist()} where that is "
                                 f"{[round(w, 2) for w in (n * weights).tolist()]}")
        same(what, yours.sort().values, right)
    print("Correct: nobody is more than one copy away from n times the weight.")


def check_pull(f: Callable[[Callable, Callable, Tensor], Tensor]) -> None:
    """f(guess, reward, x) → the gradient in x of reward(guess(x)), for each sample; (b, d).

    ``guess`` mixes the coordinates, and ``reward`` is one number for each sample.
    """
    f = asked(f)
    mix, aim = torch.tensor([[1.0, 2.0], [-0.5, 0.3]]).double(), _f64(1.0, -2.0)

    def guess(x: Tensor) -> Tensor:
        return (x @ mix.T).tanh()

    def reward(x0: Tensor) -> Tensor:
        return -(x0 - aim).square().sum(1) / 2

    for b in (1, 4):
        x = randn((b, 2), seeded(b))
        uphill, flat = aim - guess(x), 1 - guess(x) ** 2
        right = (uphill * flat) @ mix
        _told(f"your pull, {b} at a time", f(guess, reward, x.clone()), right, {
            "the way through the model is missing: this is the gradient in the guess": uphill,
            "the way through the model is missing, and the batch is averaged": uphill / b,
            "the reward is asked about the noisy x; ask it about the guess": aim - x,
            "of a batch the rewards are summed: an average pulls each sample b times less":
                right / b,
            "of a batch each sample has a pull of its own": right.sum(0).expand(b, 2),
            "the sign is turned: uphill is where the reward rises": -right,
            "the derivative of the model meets the gradient transposed":
                (uphill @ mix.T) * flat,
        })
    print("Correct: it goes uphill through the model, each sample for itself.")


def check_project(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    """f(x, rows) → the nearest images, (b, h, w), whose rows add up to ``rows``, (h,)."""
    f = asked(f)
    for shape in ((2, 3, 3), (1, 2, 5)):
        _, h, w = shape
        x, rows = randn(shape, seeded(w)), torch.arange(1.0, h + 1).double()
        add_up = torch.kron(torch.eye(h), torch.ones(1, w)).double()  # the rows' sums, as a matrix
        missing = rows - x.sum(2)
        right = x + (missing @ torch.linalg.pinv(add_up).T).reshape(shape)
        what, yours = f"your images of {h} x {w} pixels", f(x.clone(), rows.clone())
        share = missing[:, :, None] / w
        mistakes = {
            "they add up, but they are not the nearest: to scale moves bright pixels most":
                x * (rows / x.sum(2))[:, :, None],
            "the pixels of a row share what is missing, so divide it by their number":
                x + w * share,
            "what is missing is what was asked for minus what is there": x - share,
        }
        if h == w:
            mistakes |= {
                "these are the columns' sums; a row runs along the last axis":
                    x + (rows - x.sum(1))[:, None, :] / h,
                "what is missing in a row is spread over a column": x + share.mT,
            }
        _told(what, yours, right, mistakes)
    print("Correct: the rows add up, and nothing nearer does.")
