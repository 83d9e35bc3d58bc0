"""Conjugate gradients against a direct solver."""

import pytest
import torch

from diffusionbook.guidance.solve import conjugate_gradients
from diffusionbook.randomness import randn, seeded
from exact import f64

ROOTS = randn((4, 6, 6), seeded(0))
MATRICES = ROOTS @ ROOTS.mT + 0.5 * torch.eye(6).double()
RIGHT = randn((4, 6), seeded(1))


def times(matrices):
    return lambda x: torch.einsum("bij,bj->bi", matrices, x)


def test_it_solves_each_samples_own_system_in_as_many_products_as_there_are_numbers() -> None:
    """Up to rounding, which costs a few more; an easy system among them rests when it is done."""
    matrices = MATRICES.clone()
    matrices[2] = 3 * torch.eye(6)
    taken = []

    def apply(x):
        taken.append(x)
        return times(matrices)(x)

    found = conjugate_gradients(apply, RIGHT, 1e-13, 20)
    assert (found - torch.linalg.solve(matrices, RIGHT)).abs().max() < 1e-10
    assert 6 <= len(taken) <= 9
    assert torch.equal(conjugate_gradients(apply, 0 * RIGHT, 1e-13, 1), 0 * RIGHT)


@pytest.mark.parametrize("tolerance", [1e-1, 1e-3, 1e-6])
def test_the_tolerance_is_kept_and_no_more_is_done(tolerance: float) -> None:
    taken = []

    def apply(x):
        taken.append(x)
        return times(MATRICES)(x)

    left = RIGHT - times(MATRICES)(conjugate_gradients(apply, RIGHT, tolerance, 20))
    share = left.norm(dim=1) / RIGHT.norm(dim=1)
    assert float(share.max()) <= tolerance * (1 + 1e-6)  # 1e-6: residuals are carried on, rounded
    few = len(taken) - 1
    with pytest.raises(ValueError, match=f"did not reach the tolerance {tolerance:g} in {few} "):
        conjugate_gradients(times(MATRICES), RIGHT, tolerance, few)


def test_the_solution_can_be_differentiated() -> None:
    right = RIGHT.clone().requires_grad_()
    scale = f64(2.0).requires_grad_()
    found = conjugate_gradients(lambda x: scale * times(MATRICES)(x), right, 1e-13, 20)
    wanted = torch.linalg.solve(scale * MATRICES, right)
    weights = randn((4, 6), seeded(2))
    for got, true in zip(torch.autograd.grad((weights * found).sum(), (right, scale)),
                         torch.autograd.grad((weights * wanted).sum(), (right, scale)),
                         strict=True):
        assert (got - true).abs().max() < 1e-10


def test_what_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(ValueError, match="positive definite.*curvature is -1"):
        conjugate_gradients(lambda x: -x, RIGHT, 1e-6, 6)
    broken = MATRICES.clone()
    broken[3] = 0
    with pytest.raises(ValueError, match="positive definite.*curvature is 0"):
        conjugate_gradients(times(broken), RIGHT, 1e-6, 6)
