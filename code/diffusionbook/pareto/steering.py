"""Steering by several objectives at once: denoiser in, denoiser out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from diffusionbook.arguments import finite, positive
from diffusionbook.denoisers.model import Denoiser
from diffusionbook.guidance.rewards import Reward, checked
from diffusionbook.guidance.steering import Guided, Look, steer
from diffusionbook.pareto.cagrad import cagrad
from diffusionbook.pareto.min_norm import min_norm
from diffusionbook.pareto.pcgrad import pcgrad
from diffusionbook.pareto.preferences import check_preferences
from diffusionbook.pareto.scalarise import Scalarisation
from diffusionbook.shapes import Samples

Rule = Callable[[Tensor, Tensor], Tensor]  # gradients (b, m, d), preferences (b, m) → (b, d)


@dataclass(frozen=True)
class Objective:
    """One thing that is wanted of a clean sample.

    Args:
        name: for messages.
        of: (b, *d) → (b,), differentiable.
        better: whether more of it or less of it is better.
        unit: how much of it counts as 1 when it is held against the others; positive.

    Raises:
        ValueError: ``better`` is neither more nor less, or ``unit`` is not positive.
    """

    name: str
    of: Reward
    better: Literal["more", "less"] = "more"
    unit: float = 1.0

    def __post_init__(self) -> None:
        positive("unit", self.unit)
        if self.better not in ("more", "less"):
            raise ValueError(f"better must be 'more' or 'less'; it is {self.better!r}")


def costs_of(objectives: Sequence[Objective]) -> Callable[[Samples], Tensor]:
    """x → (b, m) costs of all objectives, in their units; less is better in each column.

    Raises:
        ValueError: there is none, or they are of mixed direction: to turn signs in two places is to
            turn none. When it is asked: as for :func:`~diffusionbook.guidance.rewards.checked`.
    """
    if not objectives:
        raise ValueError("objectives must be at least one; there is none")
    directions = {one.better for one in objectives}
    if len(directions) > 1:
        told = ", ".join(f"{one.name}: {one.better}" for one in objectives)
        raise ValueError(f"objectives must be of one direction, all better when more or all when "
                         f"less; they are {told}. Turn the sign of some")
    sign = -1.0 if directions == {"more"} else 1.0
    asked = [(checked(one.of), sign / one.unit) for one in objectives]

    def costs(x: Samples) -> Tensor:
        return torch.stack([factor * value(x) for value, factor in asked], 1)

    return costs


def steer_by_sum(
    model: Denoiser, objectives: Sequence[Objective], preferences: Tensor,
    scalarisation: Scalarisation, scale: float = 1.0,
) -> Denoiser:
    """Steer by one number made of all objectives (:eq:`eq-steer-many`): a look at the model and one
    backward pass, however many objectives there are.

    Args:
        model: as for :func:`~diffusionbook.guidance.steering.steer`.
        objectives: of one direction.
        preferences: (m,), or (b, m), one for each sample of the batch.
        scalarisation: costs (b, m) and preferences → (b,), less is better, such as
            :func:`~diffusionbook.pareto.scalarise.weighted_sum`.
        scale: nats for a unit of it.

    Raises:
        ValueError: ``objectives`` are mixed, ``preferences`` are none, or as for
            :func:`~diffusionbook.guidance.steering.steer`.
    """
    costs = costs_of(objectives)
    check_preferences(preferences, len(torch.atleast_2d(preferences)), len(objectives))
    return steer(model, lambda x: -scalarisation(costs(x), preferences.to(x)), scale)


def steer_by_rule(
    model: Denoiser, objectives: Sequence[Objective], preferences: Tensor, rule: Rule,
    scale: float = 1.0,
) -> Denoiser:
    """Steer by a direction that a rule makes of all gradients at x_t (:eq:`eq-steer-many`): a look
    at the model and a backward pass for each objective.

    The gradients are those of rewards, uphill. A rule for costs makes the same of them, with the
    other sign.

    Args:
        model: as for :func:`~diffusionbook.guidance.steering.steer`.
        objectives: of one direction.
        preferences: (m,), or (b, m), one for each sample of the batch.
        rule: such as :class:`Averse`, :class:`Balancing` or :class:`Projecting`.
        scale: nats for a unit of the objectives.

    Raises:
        ValueError: as for :func:`steer_by_sum`.
    """
    finite("scale", scale)
    costs, m = costs_of(objectives), len(objectives)
    check_preferences(preferences, len(torch.atleast_2d(preferences)), m)

    def push(look: Look) -> Samples:
        with torch.enable_grad():
            rewards = (-costs(look.x0)).unbind(1)
        parts = [look.traced.gradient(one, last=one is rewards[-1]) for one in rewards]
        shape = parts[0].shape
        w = check_preferences(preferences.to(parts[0]), shape[0], m)
        uphill = torch.stack([part.flatten(1) for part in parts], 1)
        return scale * rule(uphill, w).reshape(shape)

    return Guided(model, push)


@dataclass(frozen=True)
class Projecting:
    """PCGrad of the weighted gradients w_i g_i (:func:`~diffusionbook.pareto.pcgrad.pcgrad`).

    Args:
        generator: of the orders, for three objectives and more.
    """

    generator: torch.Generator | None = None

    def __call__(self, gradients: Tensor, preferences: Tensor) -> Tensor:
        """(b, m, d), (b, m) → (b, d)."""
        w = check_preferences(preferences, *gradients.shape[:2])
        return pcgrad(w[..., None] * gradients, self.generator)


class Balancing:
    """MGDA (:func:`~diffusionbook.pareto.min_norm.min_norm`) among the objectives that count.

    It has no place for a preference: it only asks whether a weight is 0. An objective without
    weight is left out, since its gradient, times 0, would be the shortest of all.
    """

    def __call__(self, gradients: Tensor, preferences: Tensor) -> Tensor:
        """(b, m, d), (b, m) → (b, d)."""
        counts = check_preferences(preferences, *gradients.shape[:2]) > 0
        # who is left out repeats one who counts: the hull stays the same
        first = counts.to(torch.int8).argmax(1)
        stand_in = gradients[torch.arange(len(gradients)), first][:, None]
        return min_norm(torch.where(counts[..., None], gradients, stand_in)).direction


@dataclass(frozen=True)
class Averse:
    """CAGrad (:func:`~diffusionbook.pareto.cagrad.cagrad`) around the weighted sum of the
    gradients, among the objectives that count: those with a weight.

    Args:
        c: how far from the weighted sum, in its lengths. 0 is the weighted sum itself.

    Raises:
        ValueError: ``c`` is negative or not finite.
    """

    c: float = 0.5

    def __post_init__(self) -> None:
        finite("c", self.c)
        if self.c < 0:
            raise ValueError(f"c must not be negative; it is {self.c}")

    def __call__(self, gradients: Tensor, preferences: Tensor) -> Tensor:
        """(b, m, d), (b, m) → (b, d)."""
        w = check_preferences(preferences, *gradients.shape[:2]).to(gradients)
        around = (w[..., None] * gradients).sum(1)
        # who does not count stands where the hull of the others is anyway
        rows = torch.where(w[..., None] > 0, gradients, around[:, None])
        return cagrad(rows, self.c, around).direction
