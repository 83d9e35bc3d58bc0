r"""The log-density of a model, by following its ODE from the data to the noise.

A crowd that follows dx = u dt thins out where the velocity spreads and thickens where it
converges: along a trajectory the log-density changes at the rate -div u
(:eq:`eq-log-density-rate`). So the density at a point is that of the noise it comes from, times
how much the flow has spread in between (:eq:`eq-flow-log-prob`).
"""

import math
from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from diffusionbook.arguments import inside, positive, whole
from diffusionbook.denoisers.differentiate import outside_inference, trace
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.randomness import randn_like
from diffusionbook.samplers.grids import check_grid
from diffusionbook.shapes import Labels, Samples, Times, check_each, check_samples, full_precision

LogDensity = Callable[[Samples], Tensor]
Kind = Literal["rademacher", "gaussian"]


@outside_inference
def divergence(
    field: Callable[[Samples], Samples], x: Samples, probes: Tensor | None = None
) -> tuple[Samples, Float[Tensor, " b"]]:
    """A field and its divergence at x.

    Exact without ``probes``, at the price of one backward pass for each of the d dimensions; with
    them Hutchinson's estimate (:eq:`eq-hutchinson`), one backward pass for each probe.

    Args:
        field: a function of each sample on its own, (b, *d) → (b, *d).
        x: (b, *d) points.
        probes: (m, b, *d) random vectors with mean 0 and covariance I, see :func:`draw_probes`.

    Returns:
        The field, (b, *d), and the divergence, (b,). Both have gradients if gradients are on and x,
        or a weight that the field uses, requires one; else neither has.

    Raises:
        ValueError: x is empty, the field has another shape than x, or the probes do not fit it.

    Source: Hutchinson, Communications in Statistics 18 (1989), for the estimate; Grathwohl et al.,
    arXiv 1810.01367, for its use here.
    """
    check_samples("x", x)
    if probes is not None and probes.shape[1:] != x.shape:
        raise ValueError(f"probes must have shape (m, {', '.join(map(str, x.shape))}); they have "
                         f"{tuple(probes.shape)}")
    traced = trace(field, x)
    u, d = traced.value, x[0].numel()
    if u.shape != x.shape:
        raise ValueError(f"field must return the shape of x, {tuple(x.shape)}; it returned "
                         f"{tuple(u.shape)}")
    total = torch.zeros(len(x), dtype=x.dtype, device=x.device)
    with torch.enable_grad():
        if probes is None:
            for i in range(d):
                row = traced.gradient(u.flatten(1)[:, i], last=i + 1 == d)
                total = total + row.flatten(1)[:, i]
        else:
            for k, z in enumerate(probes):
                row = traced.gradient(u * z, last=k + 1 == len(probes))
                total = total + (row * z).flatten(1).sum(1) / len(probes)
    return (u, total) if traced.keep else (u.detach(), total)


def draw_probes(
    x: Samples, n: int, generator: torch.Generator | None, kind: Kind = "rademacher"
) -> Tensor:
    """(n, b, *d) random vectors with mean 0 and covariance I, for :func:`divergence`.

    Args:
        x: (b, *d) points; the probes have their dtype and device.
        n: how many for each point.
        generator: source of the probes.
        kind: "rademacher", every entry +1 or -1, or "gaussian". Rademacher probes do not feel the
            diagonal of the Jacobian, so they vary less.

    Raises:
        ValueError: ``n`` is not whole or below 1, or an unknown ``kind``.
    """
    whole("n", n, least=1)
    if kind not in ("rademacher", "gaussian"):
        raise ValueError(f"kind must be 'rademacher' or 'gaussian'; it is {kind!r}")
    z = randn_like(x.expand(n, *x.shape), generator)
    return z if kind == "gaussian" else torch.where(z < 0, -1.0, 1.0).to(x)


@outside_inference
def log_prob_ode(
    model: Denoiser,
    x: Samples,
    grid: Tensor,
    *,
    y: Labels | None = None,
    probes: Tensor | None = None,
    end: LogDensity | None = None,
) -> Float[Tensor, " b"]:
    """The log-density at x of the law that the model's ODE makes (:eq:`eq-flow-log-prob`).

    Heun's method carries x and the integral of the divergence from ``grid[-1]``, next to the
    data, up to ``grid[0]``, the noise; the error falls with the second power of the step. The
    number belongs to the law at time ``grid[-1]``. Many models cannot be asked at t = 0 (the
    velocity of VP is infinite there, and exact denoisers need some noise), so choose a small
    start such as 1e-3.

    What is added at the end is the log-density of the law from which sampling would start there.
    The default is N(0, sigma^2 I), which is the law of x_1 only where alpha(1) = 0. On VP some
    signal is left, and the answer is the density of the *sampler's* law, not quite that of the
    data: they start from noise of slightly different shape.

    Args:
        model: any denoiser; it is evaluated twice a step, with its divergence.
        x: (b, *d) points.
        grid: (n + 1,) decreasing times as a sampler would take them, walked backwards here.
        y: (b,) labels, passed to the model.
        probes: (m, b, *d) for Hutchinson's estimate of the divergence; the same along the whole
            trajectory, so that the estimated integrand is smooth. Default: the exact divergence.
        end: (b, *d) → (b,) the log-density at time ``grid[0]``.

    Returns:
        (b,) nats, in x's dtype, but at least float32. If gradients are on and x, or a weight of the
        model, requires one, autograd differentiates the whole computation, and the gradient at x
        is the score; each step then stays in memory. The grid is a constant.

    Raises:
        ValueError: x is empty, y or the probes do not fit it, or ``grid`` is no such list.

    Source: Chen et al., arXiv 1806.07366, for the rule; Song et al., arXiv 2011.13456, for its use
    on diffusion models.
    """
    check_samples("x", x)
    check_each("y", y, x)
    grid, x = check_grid(grid).detach().flip(0), full_precision(x)
    spread = torch.zeros(len(x), dtype=x.dtype, device=x.device)

    def rates(x: Samples, t: Tensor) -> tuple[Samples, Tensor]:
        return divergence(lambda x: model(x, t, y).velocity, x, probes)

    for s, t in zip(grid[:-1], grid[1:], strict=True):
        h = float(t - s)
        u, div = rates(x, s)
        u_end, div_end = rates(x + h * u, t)
        x, spread = x + h / 2 * (u + u_end), spread + h / 2 * (div + div_end)
    sigma = float(model.path.sigma(grid[-1]))
    return (normal_log_prob(x, sigma) if end is None else end(x).to(x)) + spread


def normal_log_prob(x: Samples, std: float) -> Float[Tensor, " b"]:
    """(b,) the log-density of N(0, std^2 I) at x: (b, *d), in nats.

    Raises:
        ValueError: x is empty, or ``std`` is not positive and finite.
    """
    positive("std", std)
    check_samples("x", x)
    squares = x.flatten(1).square().sum(1) / std**2
    return -(squares + x[0].numel() * math.log(2 * math.pi * std**2)) / 2


def bits_per_dim(log_prob: Tensor, dims: int, cells_per_unit: float = 1.0) -> Tensor:
    """Nats of a log-density as bits for each dimension (:eq:`eq-bits-per-dim`).

    Args:
        log_prob: nats, any shape.
        dims: the number of dimensions.
        cells_per_unit: how many cells of the data's own grid fit on one unit of x; 127.5 for
            8-bit pixels that were scaled to [-1, 1]. With it the answer is the length of a code
            for the cell; with 1 it is that of a density and can be negative.

    Raises:
        ValueError: ``dims`` is not whole or below 1, or ``cells_per_unit`` is not positive and
            finite.
    """
    whole("dims", dims, least=1)
    positive("cells_per_unit", cells_per_unit)
    return -log_prob / (dims * math.log(2)) + math.log2(cells_per_unit)


@outside_inference
@torch.no_grad()
def continuity_residual(
    model: Denoiser, log_density: Callable[[Samples, Tensor], Tensor], x: Samples, t: Times,
    step: float = 1e-3,
) -> Float[Tensor, " b"]:
    """d log p/dt + div u + u . grad log p, which the continuity equation makes 0.

    This is :eq:`eq-continuity` divided by p. The time derivative is a central difference of fourth
    order, so use float64.

    Args:
        model: its velocity is u.
        log_density: (x, t) → (b,), the log-density of x_t, differentiable in x.
        x: (b, *d) float64 points.
        t: one time, at least 2 ``step`` inside [0, 1].
        step: of the difference.

    Returns:
        (b,) the residual, in units of 1 / t, without a gradient.

    Raises:
        ValueError: ``step`` is not positive and finite, or t is nearer than that to 0 or 1.
    """
    positive("step", step)
    t = torch.as_tensor(t, dtype=torch.float64)
    for end in t.aminmax():
        inside("t", float(end), 2 * step, 1 - 2 * step)
    u, div = divergence(lambda x: model(x, t).velocity, x)
    traced = trace(lambda x: log_density(x, t), x)
    score = traced.gradient(traced.value, last=True)
    p = [log_density(x, t + k * step) for k in (-2, -1, 1, 2)]
    d_time = (p[0] - 8 * p[1] + 8 * p[2] - p[3]) / (12 * step)
    return d_time + div + (u * score).flatten(1).sum(1)
