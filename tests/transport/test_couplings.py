"""Pairs to train on: who is paired with whom, and what the loss then sees."""

import math

import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.losses import denoising_loss
from diffusionbook.paths.gaussian import Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.couplings import (
    cheapest,
    effective_partners,
    entropic,
    in_groups,
    independent,
    partners,
    within_labels,
)
from diffusionbook.transport.optimal.minibatches import minibatch_cost
from diffusionbook.transport.optimal.plans import assignment, squared_distances
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
X, EPS = randn((24, 2), seeded(0)), randn((24, 2), seeded(1))
Y = torch.arange(24) % 3


def length(pair) -> float:
    return float((pair[0] - pair[1]).square().sum(1).mean())


@pytest.mark.equation("eq-assignment")
def test_the_cheapest_pairs_keep_data_in_order_and_use_each_noise_once() -> None:
    data, noise = cheapest(X, EPS)
    assert torch.equal(data, X)
    assert torch.equal(noise.sort(0).values, EPS.sort(0).values)
    cost = squared_distances(X, EPS)
    assert length((data, noise)) == pytest.approx(float(cost[range(24), assignment(cost)].mean()))
    assert length((data, noise)) < length(independent(X, EPS)) / 2


def test_images_are_coupled_as_points_of_their_pixels() -> None:
    images = cheapest(X.reshape(6, 1, 4, 2), EPS.reshape(6, 1, 4, 2))[1]
    assert torch.equal(images.reshape(6, 8), cheapest(X.reshape(6, 8), EPS.reshape(6, 8))[1])


@pytest.mark.equation("eq-minibatch")
def test_groups_are_coupled_apart_and_their_lines_are_as_long_as_the_formula_says() -> None:
    """40,000 pairs on a line in groups of 8, within five standard errors of the groups' means."""
    x, z = randn((40_000, 1), seeded(2)), randn((40_000, 1), seeded(3))
    data, noise = in_groups(cheapest, 8)(x, z)
    each = (data - noise).square().reshape(-1, 8).mean(1)
    error = 5 * float(each.std()) / len(each) ** 0.5
    assert float(each.mean()) == pytest.approx(minibatch_cost(8), abs=error)
    assert torch.equal(in_groups(cheapest, 1)(X, EPS)[1], EPS)
    rest = in_groups(cheapest, 10)(X, EPS)[1]
    assert torch.equal(rest[20:], cheapest(X[20:], EPS[20:])[1])


@pytest.mark.equation("eq-given-label")
def test_within_labels_each_label_keeps_its_own_noise() -> None:
    data, noise = within_labels(cheapest, Y)(X, EPS)
    assert torch.equal(data, X)
    for label in range(3):
        own = label == Y
        assert torch.equal(noise[own], cheapest(X[own], EPS[own])[1])


@pytest.mark.equation("eq-given-label")
def test_noise_given_a_label_leans_to_the_label_unless_pairs_stay_within() -> None:
    """Classes at −1 and 1 in pairs: the mean noise of the right one tends to 1 / √π for narrow
    classes, where both of a pair are of one class half of the time: so to half of that."""
    n = 8_000
    y = torch.randint(2, (n,), generator=seeded(4))
    x = (2 * y - 1).double()[:, None] + 0.001 * randn((n, 1), seeded(5))
    eps = randn((n, 1), seeded(6))
    blind = in_groups(cheapest, 2)(x, eps)[1][y == 1].mean()
    assert float(blind) == pytest.approx(1 / math.sqrt(math.pi) / 2, abs=5 / (n / 2) ** 0.5)
    seeing = within_labels(in_groups(cheapest, 2), y)(x, eps)[1][y == 1].mean()
    assert float(seeing) == pytest.approx(0, abs=5 / (n / 2) ** 0.5)


@pytest.mark.equation("eq-entropic")
def test_entropic_pairs_get_longer_with_the_temperature_and_may_repeat_a_noise() -> None:
    pairs = [entropic(e, seeded(7))(X, EPS) for e in (0.05, 1.0, 50.0)]
    cost = [length(pair) for pair in pairs]
    assert cost[0] < cost[1] < cost[2]
    assert len(pairs[0][1].unique(dim=0)) < 24
    assert torch.equal(entropic(1.0)(X, EPS)[0], X)
    assert torch.equal(entropic(50.0, seeded(7))(X, EPS)[1], pairs[2][1])  # the same draws


def test_partners_are_drawn_by_their_masses_once_a_row() -> None:
    plan = torch.eye(5).flip(0).double() / 5
    assert partners(plan).tolist() == [4, 3, 2, 1, 0]
    many = f64([[0.25, 0.75]]).expand(4_000, 2)
    assert float(partners(many, seeded(0)).double().mean()) == pytest.approx(0.75, abs=0.035)
    assert partners(f64([[2.0]])).tolist() == [0]  # the only one, which is no preference
    assert partners(f64([[1.0, 1 + 1e-8]])).shape == (1,)
    with pytest.raises(ValueError, match="plan must prefer some pairs"):
        partners(f64([[1.0, 1 + 1e-10]]))
    assert effective_partners(plan).tolist() == pytest.approx([1] * 5)
    assert effective_partners(torch.ones(2, 7)).tolist() == pytest.approx([7, 7])


def test_the_loss_takes_a_coupling() -> None:
    """On a line through the exact field of the independent pairs, shorter lines miss it by less."""
    model = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(2), 1.0), Linear())
    x = randn((4_000, 2), seeded(8))
    plain, paired = (
        float(denoising_loss(model, x, loss_in="velocity", coupling=coupling, generator=seeded(9)))
        for coupling in (independent, in_groups(cheapest, 50)))
    assert plain == pytest.approx(math.pi / 2, abs=0.1)  # the crossing of chapter 4
    assert paired < plain


@pytest.mark.parametrize(("call", "message"), [
    (lambda: partners(torch.full((3, 3), 1 / 9)), "plan must prefer some pairs"),
    (lambda: partners(f64([[1, 0], [0, 0]])), "plan must have mass in each row; row 1"),
    (lambda: partners(f64([[1, -1], [0, 1]])), "plan must not be negative"),
    (lambda: partners(f64([[1, math.nan]])), "plan must be finite"),
    (lambda: effective_partners(f64([1])), r"plan must have shape \(n, m\)"),
    (lambda: entropic(0.0), "epsilon must be positive; it is 0"),
    (lambda: in_groups(cheapest, 0), "size must be at least 1"),
    (lambda: cheapest(X, EPS[:3]), r"eps must have the shape of x0, \(24, 2\); it has \(3, 2\)"),
    (lambda: cheapest(X, EPS / 0), "y must be finite"),
    (lambda: independent(X[:0], EPS[:0]), "x0 must hold at least one sample"),
    (lambda: within_labels(cheapest, Y[:5])(X, EPS), r"y must have shape \(24,\)"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()
