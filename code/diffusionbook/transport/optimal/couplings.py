"""Which noise is trained with which data: couplings, for the argument of that name in
:func:`diffusionbook.losses.denoising_loss`.

All of them leave the data in their order and move the noise, so a label stays with its image.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from diffusionbook.arguments import positive, whole
from diffusionbook.losses import Coupling
from diffusionbook.shapes import Labels, Samples, check_each, check_samples
from diffusionbook.transport.optimal.checks import check_table
from diffusionbook.transport.optimal.log_domain import sinkhorn
from diffusionbook.transport.optimal.plans import assignment, squared_distances


def independent(x0: Samples, eps: Samples) -> tuple[Samples, Samples]:
    """The pairs as they were drawn.

    Raises:
        ValueError: there are none, or x0 and eps differ in shape.
    """
    _check(x0, eps)
    return x0, eps


def cheapest(x0: Samples, eps: Samples) -> tuple[Samples, Samples]:
    """The pairs of the batch with the shortest lines, by squared length (:eq:`eq-assignment`).

    Each noise is used once, so the noise of the batch is the noise that was drawn.

    Raises:
        ValueError: there are no pairs, x0 and eps differ in shape, or one is not finite.

    Source: Tong et al., arXiv 2302.00482; Pooladian et al., arXiv 2304.14772.
    """
    _check(x0, eps)
    return x0, eps[assignment(squared_distances(x0, eps)).to(eps.device)]


def entropic(epsilon: float, generator: torch.Generator | None = None) -> Coupling:
    """For each data point one noise of the batch, drawn from the entropic plan
    (:eq:`eq-entropic`). A noise may come twice, and another not at all.

    Args:
        epsilon: the temperature, in units of the squared distance, summed over dimensions.
        generator: source of the draws.

    Raises:
        ValueError: ``epsilon`` is not positive and finite; the coupling itself raises what
            :func:`~diffusionbook.transport.optimal.log_domain.sinkhorn` and :func:`partners` do.
    """
    positive("epsilon", epsilon)

    def pair(x0: Samples, eps: Samples) -> tuple[Samples, Samples]:
        _check(x0, eps)
        plan = sinkhorn(squared_distances(x0, eps), epsilon, tolerance=1e-4).plan
        return x0, eps[partners(plan, generator).to(eps.device)]

    return pair


def partners(
    plan: Float[Tensor, "n m"], generator: torch.Generator | None = None
) -> Int[Tensor, " n"]:
    """For each row of a plan one column, drawn by its masses; each row is drawn once.

    Args:
        plan: (n, m), none negative, in each row some mass.
        generator: source of the draws.

    Raises:
        ValueError: ``plan`` is not (n, m) or not finite, an entry is negative, a row is empty, or
            all entries are equal: a uniform plan pairs at random, under another name.
    """
    check_table("plan", plan)
    if not bool((plan >= 0).all()):
        raise ValueError(f"plan must not be negative; its least entry is {float(plan.min()):g}")
    if not bool((plan.sum(1) > 0).all()):
        raise ValueError(f"plan must have mass in each row; row {int(plan.sum(1).argmin())} has "
                         f"none")
    if plan.numel() > 1 and float(plan.max() - plan.min()) <= 1e-9 * float(plan.max()):
        raise ValueError("plan must prefer some pairs to others; it is uniform, which is the "
                         "independent coupling (did its kernel underflow?)")
    plan = plan if plan.is_floating_point() else plan.double()
    return torch.multinomial(plan, 1, generator=generator)[:, 0]


def effective_partners(plan: Float[Tensor, "n m"]) -> Float[Tensor, " n"]:
    """How many targets each source has, weighed: 1 for a permutation, m for a uniform plan; (n,).

    Raises:
        ValueError: ``plan`` is not (n, m), empty or not finite.
    """
    check_table("plan", plan)
    rows = plan / plan.sum(1, keepdim=True)
    return 1 / rows.square().sum(1)


def in_groups(coupling: Coupling, size: int) -> Coupling:
    """The coupling within each ``size`` neighbours of the batch; the last group may be smaller.

    Args:
        coupling: of each group.
        size: of a group, at least 1.

    Raises:
        ValueError: ``size`` < 1 or no whole number.
    """
    whole("size", size, least=1)

    def pair(x0: Samples, eps: Samples) -> tuple[Samples, Samples]:
        _check(x0, eps)
        groups = zip(x0.split(size), eps.split(size), strict=True)
        data, noise = zip(*(coupling(*group) for group in groups), strict=True)
        return torch.cat(data), torch.cat(noise)

    return pair


def within_labels(coupling: Coupling, y: Labels) -> Coupling:
    """The coupling among the samples of each label alone (:eq:`eq-given-label`): given a label, the
    noise is again what the sampler will start from.

    Args:
        coupling: of the samples of one label.
        y: (b,) the labels of the batch that will be coupled.
    """

    def pair(x0: Samples, eps: Samples) -> tuple[Samples, Samples]:
        _check(x0, eps)
        check_each("y", y, x0)
        moved_data, moved_noise = x0.clone(), eps.clone()
        for label in y.unique():
            own = y == label
            moved_data[own], moved_noise[own] = coupling(x0[own], eps[own])
        return moved_data, moved_noise

    return pair


def _check(x0: Tensor, eps: Tensor) -> None:
    check_samples("x0", x0)
    if eps.shape != x0.shape:
        raise ValueError(f"eps must have the shape of x0, {tuple(x0.shape)}; it has "
                         f"{tuple(eps.shape)}")
