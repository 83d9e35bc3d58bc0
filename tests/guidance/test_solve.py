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
    with pytest.raises(ValueError, match=f"in {few} products to the tolerance {tolerance:g};"):
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
    with pytest.raises(ValueError, match="positive definite; its curvature.* is -1"):
        conjugate_gradients(lambda x: -x, RIGHT, 1e-6, 6)
    broken = MATRICES.clone()
    broken[3] = 0
    with pytest.raises(ValueError, match="positive definite; its curvature.* is 0"):
        conjugate_gradients(times(broken), RIGHT, 1e-6, 6)


def test_without_strictness_each_sample_gets_the_best_on_its_way() -> None:
    """One that is not positive definite stops; it takes nothing from its neighbours, and neither
    does one whose matrix is not symmetric and whose residual may rise again."""
    matrices = MATRICES.clone()
    matrices[1] -= 3 * torch.eye(6)
    matrices[3] += 4 * torch.triu(torch.ones(6, 6), 1)
    found = conjugate_gradients(times(matrices), RIGHT, 1e-13, 20, strict=False)
    wanted = torch.linalg.solve(matrices, RIGHT)
    assert (found - wanted)[[0, 2]].abs().max() < 1e-10
    assert (found - wanted)[[1, 3]].abs().amax(1).min() > 1e-2
    left = (RIGHT - times(matrices)(found)).norm(dim=1)
    assert bool((left <= RIGHT.norm(dim=1)).all())
    short = [conjugate_gradients(times(matrices), RIGHT, 1e-13, n, strict=False) for n in (1, 2, 4)]
    lefts = [(RIGHT - times(matrices)(x)).norm(dim=1) for x in short] + [left]
    for more, less in zip(lefts, lefts[1:], strict=False):
        assert bool((less <= more + 1e-12).all())
    assert torch.equal(conjugate_gradients(lambda x: -x, RIGHT, 1e-6, 6, strict=False), 0 * RIGHT)
