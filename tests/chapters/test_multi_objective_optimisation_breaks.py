"""Chapter 9, "What breaks": each mistake it shows dies under one of these tests."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from diffusionbook.pareto import hypervolume, min_norm, pcgrad, stacked, whole_gradients
from diffusionbook.randomness import randn, seeded

pytestmark = pytest.mark.usefixtures("without_shape_checks")


def two_losses() -> tuple[list[Tensor], list[Tensor]]:
    """Two losses of two parameters of one length, whose gradients conflict."""
    a, b = (randn((3,), seeded(k)).requires_grad_() for k in (10, 11))
    second = 3 * (a - 1).square().sum() + (b - a).sum()
    return [(a + b).square().sum(), 20 * second], [a, b]


def of_each_loss(losses, parameters) -> Tensor:
    return pcgrad(whole_gradients(losses, parameters))


def of_each_parameter(losses, parameters) -> Tensor:
    """After one backward pass of the sum: rows are parameters, and objectives are gone."""
    parts = torch.autograd.grad(sum(losses), parameters, retain_graph=True)
    rows = stacked(parts)
    other = rows.flip(0)
    share = (rows[0] @ rows[1]).clamp_max(0) / other.square().sum(1, keepdim=True)
    return (rows - share * other).flatten()


def test_no_loss_rises_against_the_direction(direction: Callable = of_each_loss) -> None:
    losses, parameters = two_losses()
    rows = whole_gradients(losses, parameters)
    assert float(rows[0] @ rows[1]) < 0
    assert bool((rows @ direction(losses, parameters) >= 0).all())


def clipped(g: Tensor) -> Tensor:
    return min_norm(g).direction


def not_clipped(g: Tensor) -> Tensor:
    gamma = g[1] @ (g[1] - g[0]) / (g[0] - g[1]).square().sum()
    return gamma * g[0] + (1 - gamma) * g[1]


@pytest.mark.parametrize("length", [1.0, 10.0, 1000.0])
def test_no_direction_has_a_larger_least_fall(length: float, shortest: Callable = clipped) -> None:
    """Of all directions of length 1; the two gradients agree, and one of them is long."""
    g = torch.tensor([[length, 0.0], [0.5, 0.1]]).double()
    turn = torch.linspace(0, 6.28, 1000).double()
    least = (g @ torch.stack([turn.cos(), turn.sin()])).amin(0)
    d = shortest(g)
    assert float((g @ d).min() / d.norm()) > float(least.max()) - 1e-3


def worst_of(costs: Tensor) -> Tensor:
    return costs.amax(0)


def sign_turned(costs: Tensor) -> Tensor:
    """The rule for rewards, on numbers that were already turned into costs."""
    return costs.amin(0)


def test_a_better_point_makes_the_volume_larger(worst: Callable = worst_of) -> None:
    rewards = randn((50, 2), seeded(4))
    costs = -rewards
    before = hypervolume(costs, worst(costs))
    better = torch.cat([costs, costs.amin(0, keepdim=True) - 0.1])
    assert 0 < before < hypervolume(better, worst(costs))


def _dies(test: Callable) -> None:
    with pytest.raises(AssertionError):
        test()


def test_every_mistake_of_the_chapter_dies() -> None:
    _dies(lambda: test_no_loss_rises_against_the_direction(of_each_parameter))
    _dies(lambda: test_no_direction_has_a_larger_least_fall(1000.0, not_clipped))
    _dies(lambda: test_a_better_point_makes_the_volume_larger(sign_turned))
