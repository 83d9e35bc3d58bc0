"""The functions of the experiments on pairs, small, where their answers are known."""

import pytest
import torch

from diffusionbook.experiments import paired_digits, paired_flows
from diffusionbook.paths.gaussian import Linear
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import randn, randn_like, seeded
from diffusionbook.transport.optimal.couplings import cheapest, in_groups

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CPU = torch.device("cpu")


@pytest.mark.parametrize("size", [4, 32, None])
def test_by_rank_is_the_cheapest_plan_on_a_line(size: int | None) -> None:
    x, z = randn((32, 1), seeded(0)), randn((32, 1), seeded(1))
    ours = paired_flows.by_rank(size)(x, z)
    wanted = in_groups(cheapest, size or 32)(x, z)
    assert torch.equal(ours[0], wanted[0]) and torch.equal(ours[1], wanted[1])


def test_digits_within_labels_are_given_noise_within_labels(monkeypatch) -> None:
    monkeypatch.setattr(paired_digits, "WITHIN", 6)
    x, y = randn((12, 1, 2, 2), seeded(2), torch.float32), torch.arange(12) % 3
    z = randn_like(x, seeded(3))
    noise = paired_digits.noise_for(x, y, None, 3)
    for group in (slice(6), slice(6, 12)):
        for label in range(3):
            mine, given = (part[group][y[group] == label] for part in (x, z))
            assert torch.equal(noise[group][y[group] == label], cheapest(mine, given)[1])
    assert torch.equal(paired_digits.noise_for(x, y, 1, 3), z)
    assert torch.equal(paired_digits.noise_for(x, y, 4, 3), in_groups(cheapest, 4)(x, z)[1])


def test_the_flow_is_asked_about_the_noise_that_an_image_was_given() -> None:
    asked = []

    def model(x, t, y):
        asked.append((x, t, y))
        return Prediction(torch.zeros_like(x), "velocity", x, t, Linear())

    x, y = randn((40, 1, 2, 2), seeded(2), torch.float32), torch.arange(40) % 3
    eps = randn_like(x, seeded(4))
    model.path, model.param = Linear(), "velocity"
    value = paired_digits.loss(model, x, y, eps, generator=seeded(5))
    ((x_t, t, seen),) = asked
    time = t.to(x).reshape(-1, 1, 1, 1)
    torch.testing.assert_close(x_t, (1 - time) * x + time * eps)
    assert value == pytest.approx(float((eps - x).square().mean()), rel=1e-5)
    assert set(seen.tolist()) == {-1, 0, 1, 2} and all(
        a in (-1, b) for a, b in zip(seen.tolist(), y.tolist(), strict=True))


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
