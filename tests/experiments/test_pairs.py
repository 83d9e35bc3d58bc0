"""The functions of the experiments on pairs, small, where their answers are known."""

import pytest
import torch

from diffusionbook.experiments import paired_digits, paired_flows
from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.couplings import cheapest, in_groups

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CPU = torch.device("cpu")


@pytest.mark.parametrize("size", [4, 32, None])
def test_by_rank_is_the_cheapest_plan_on_a_line(size: int | None) -> None:
    x, z = randn((32, 1), seeded(0)), randn((32, 1), seeded(1))
    ours = paired_flows.by_rank(size)(x, z)
    wanted = in_groups(cheapest, size or 32)(x, z)
    assert torch.equal(ours[0], wanted[0]) and torch.equal(ours[1], wanted[1])


def test_digits_within_labels_are_paired_within_labels() -> None:
    x, z = randn((12, 1, 2, 2), seeded(2)), randn((12, 1, 2, 2), seeded(3))
    y = torch.arange(12) % 3
    noise = paired_digits.paired(None, y)(x, z)[1]
    for label in range(3):
        own = y == label
        assert torch.equal(noise[own].flatten().sort().values, z[own].flatten().sort().values)
    assert torch.equal(paired_digits.paired(1, y)(x, z)[1], z)


def test_a_tiny_run_has_all_its_names(monkeypatch) -> None:
    for name, value in paired_flows.TINY.items():
        if "." not in name:
            monkeypatch.setattr(paired_flows, name, value)
    small = paired_flows.replace(paired_flows.FLOW, points=200, steps=3)
    monkeypatch.setattr(paired_flows, "FLOW", small)
    numbers = paired_flows.measure(0, CPU)
    assert set(numbers) == {
        *(f"spiral {n} {key}" for n in (1, 4) for key in ("bending", "sliced_w2 1")),
        *(f"labels {rule} width 8 {key}" for rule in ("2", "within")
          for key in ("mean", "std", "std at once"))}
