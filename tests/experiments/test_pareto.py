"""The functions of the experiments on several rewards, small, where their answers are known."""

import math

import numpy as np
import pytest
import torch

from diffusionbook.evidence import results
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments import pareto_mixture, steered_fronts
from diffusionbook.experiments.common.fronts import (
    ink,
    nats_from,
    slant,
    stroke_width,
    thinness,
)
from diffusionbook.pareto import departure, even_preferences
from diffusionbook.randomness import randn, seeded
from exact import f64

PLAIN = GaussianMixture.normal(torch.zeros(2), 1.0)


def small(monkeypatch, module, **more) -> None:
    for name, value in (module.TINY | more).items():
        monkeypatch.setattr(module, name, value)


def test_nats_are_those_of_two_normal_laws() -> None:
    """N(m, v I) from N(0, I): (v + |m|^2 / 2 - 1 - log v) for two dimensions."""
    mean, variance = f64([1.0, -0.5]), 0.3
    x = mean + variance**0.5 * randn((4_000, 2), seeded(0))
    exact = variance - 1 - math.log(variance) + float(mean.square().sum()) / 2
    assert nats_from(PLAIN, x) == pytest.approx(exact, abs=0.06)  # five standard errors
    assert abs(nats_from(PLAIN, randn((4_000, 2), seeded(1)))) < 0.06


@pytest.mark.parametrize(("x", "k", "says"), [
    (torch.zeros(20, 2), 5, "x must not hold a point 6 times"),
    (torch.zeros(5, 2), 5, "x must hold more than 5 points"),
    (torch.zeros(20, 3), 5, "x must have shape"),
    (torch.full((20, 2), math.nan), 5, "x must be finite"),
    (torch.zeros(20, 2), 0, "k must be at least 1"),
])
def test_a_cloud_without_a_density_is_refused(x, k, says, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=says):
        nats_from(PLAIN, x, k)


def bar(width: int, lean: float = 0.0) -> torch.Tensor:
    """A bar of ink 20 pixels high; it moves ``lean`` columns to the right for each row up."""
    x = torch.full((1, 1, 28, 28), -1.0)
    for row in range(4, 24):
        left = 12 + round(lean * (14 - row))
        x[0, 0, row, left:left + width] = 1
    return x


def test_what_is_measured_of_a_bar() -> None:
    assert float(ink(bar(3))) == pytest.approx(60)
    assert float(stroke_width(bar(3))) == pytest.approx(2 * 60 / 46, rel=0.05)  # its outline
    assert float(stroke_width(bar(5))) > float(stroke_width(bar(3))) > float(stroke_width(bar(2)))
    assert abs(float(slant(bar(3)))) < 1e-3
    assert float(slant(bar(3, 0.5))) == pytest.approx(0.5, abs=0.03)
    assert float(slant(bar(3, -0.5))) == pytest.approx(-0.5, abs=0.03)


def test_nats_by_hand() -> None:
    """Harmonic numbers, areas of circles, and the fifth neighbour unless told otherwise."""
    x = randn((9, 2), seeded(2))
    for k, found in ((5, nats_from(PLAIN, x)), (2, nats_from(PLAIN, x, 2))):
        away = torch.cdist(x, x).sort(1).values[:, k]
        entropy = sum(1 / j for j in range(k, 9)) + float((math.pi * away**2).log().mean())
        log_p = float((-x.square().sum(1) / 2).mean()) - math.log(2 * math.pi)
        assert found == pytest.approx(-entropy - log_p, abs=1e-12)


def test_what_is_measured_of_any_image() -> None:
    """From the definitions, pixel by pixel: paper and grey, a fitted line, an outline."""
    x = 1.5 * randn((4, 1, 6, 5), seeded(3)).clamp(-1, 1)
    for image, counted, leans, wide in zip(x, ink(x), slant(x), stroke_width(x), strict=True):
        black = ((image[0] + 1) / 2).clamp(min=0)
        assert float(counted) == pytest.approx(float(black.sum()))
        row, column = np.indices((6, 5))
        mass = black.numpy().ravel() + 1e-6
        slope, _ = np.polyfit(5 - row.ravel(), column.ravel(), 1, w=mass**0.5)
        assert float(leans) == pytest.approx(float(slope))
        paper, outline = np.pad(black.numpy(), 1), 0.0
        for i in range(7):
            for j in range(6):
                down, across = paper[i + 1, j] - paper[i, j], paper[i, j + 1] - paper[i, j]
                outline += math.sqrt(down**2 + across**2 + 1e-6)
        assert float(wide) == pytest.approx(2 * float(black.sum()) / outline)
    assert torch.equal(thinness(x), -stroke_width(x))


def test_each_measure_has_a_gradient_where_there_is_ink_to_move() -> None:
    for measure in (ink, slant, stroke_width):
        x = (bar(3, 0.3) * 0.9).requires_grad_()
        (found,) = torch.autograd.grad(measure(x).sum(), x)
        assert bool(found.isfinite().all()) and float(found.abs().max()) > 0


def test_the_best_of_three_is_the_one_its_preference_likes(monkeypatch) -> None:
    pool = torch.cat([bar(2), bar(3, 0.4), bar(6), bar(2, 0.6), bar(4), bar(1)])  # 2 preferences
    found = steered_fronts.best_of(pool, torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    assert torch.equal(found, torch.cat([bar(6), bar(2, 0.6)]))


def test_all_methods_answer_and_the_exact_laws_are_near_their_front(
    monkeypatch, without_shape_checks
) -> None:
    small(monkeypatch, pareto_mixture)
    numbers = pareto_mixture.measure(0, torch.device("cpu"))
    assert all(math.isfinite(value) for value in numbers.values())
    assert abs(numbers["exact behind"]) < 0.3
    assert numbers["sum gradients"] == 10 and numbers["pcgrad gradients"] == 20
    assert numbers["best looks"] == 30 and 0 < numbers["prior volume"] < 1.1


def test_the_result_is_of_these_methods_and_its_control_holds() -> None:
    run = results.load("pareto-mixture")
    w = even_preferences(2, pareto_mixture.PARTS)
    for name in pareto_mixture.METHODS:
        assert len(run.values(f"{name} behind")) == len(pareto_mixture.SEEDS)
    for preference in w[::5]:
        exact = departure(pareto_mixture.five_humps(), pareto_mixture.rewards(), preference,
                          pareto_mixture.SCALE)
        measured = run.mean(f"exact {float(preference[0]):g} nats")
        assert measured == pytest.approx(exact, abs=0.15)
    assert run.mean("exact behind") < 0.05


@pytest.mark.slow
def test_digits_are_steered_and_measured(monkeypatch, true_digits) -> None:
    small(monkeypatch, steered_fronts)
    numbers = steered_fronts.measure(0, torch.device("cpu"))
    assert all(math.isfinite(value) for value in numbers.values())
    assert numbers["mgda gradients"] == 2 * numbers["sum gradients"] == 6
    assert numbers["training volume"] > numbers["chance volume"] > 0
    assert numbers["three mgda gradients"] == 3 * numbers["three sum gradients"] == 9
    assert numbers["three training volume"] > numbers["three chance volume"]
