"""Fronts, volumes and distances beside moocore, the library behind several others."""

import pytest
import torch

from diffusionbook.pareto import hypervolume, igd, non_dominated
from diffusionbook.randomness import randn, seeded


@pytest.mark.equation("eq-dominance")
@pytest.mark.parametrize("m", [2, 3, 4])
def test_the_front(moocore, m: int) -> None:
    costs = torch.cat([randn((400, m), seeded(m)), torch.randint(0, 5, (400, m)).double()])
    expected = moocore.is_nondominated(costs.numpy(), keep_weakly=True)
    assert non_dominated(costs).tolist() == expected.tolist()


@pytest.mark.equation("eq-hypervolume")
@pytest.mark.parametrize("m", [2, 3])
def test_the_volume(moocore, m: int) -> None:
    for seed in range(5):
        costs, reference = randn((200, m), seeded(seed)), torch.full((m,), 0.7).double()
        expected = moocore.hypervolume(costs.numpy(), ref=reference.numpy())
        assert hypervolume(costs, reference) == pytest.approx(expected, rel=1e-12)


def test_the_distance(moocore) -> None:
    costs, front = randn((100, 3), seeded(0)), randn((50, 3), seeded(1))
    assert igd(costs, front) == pytest.approx(moocore.igd(costs.numpy(), ref=front.numpy()))
