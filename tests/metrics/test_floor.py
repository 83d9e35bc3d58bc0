"""The floor of the Fréchet distance: closed forms, and what two finite draws really score."""

import math

import pytest
import torch

from diffusionbook.metrics.floor import predicted_floor
from diffusionbook.metrics.images import frechet, frechet_moments
from diffusionbook.randomness import randn, seeded
from exact import f64


def test_a_gaussian_of_one_dimension_by_hand() -> None:
    """Means: v / n. Covariances: (2 v² / n) / (4 v) = v / (2 n)."""
    z = randn((400_000, 1), seeded(0))
    value = float(predicted_floor(3 * z, 50))
    # The fourth moment of 400,000 draws is off by some (96 / 400,000)^½ = 0.016 of 3 at one sigma.
    assert value == pytest.approx(9 * 1.5 / 50, rel=0.03)


def test_two_points_have_no_noise_in_their_variance() -> None:
    """x = ±1 with equal chances: x² is always 1, so only the mean is off."""
    x = f64([1.0, -1.0])[:, None].repeat(10, 1)
    assert float(predicted_floor(x, 20)) == pytest.approx(1 / 20, abs=1e-12)


def test_both_sets_add_their_part() -> None:
    x = randn((500, 3), seeded(0))
    one, two = predicted_floor(x, 30), predicted_floor(x, 70)
    assert float(predicted_floor(x, 30, 70)) == pytest.approx(float(one + two), rel=1e-12)
    assert float(predicted_floor(1e-5 * x, 30)) == pytest.approx(1e-10 * float(one), rel=1e-9)
    assert float(predicted_floor(x, 1, 1)) == pytest.approx(60 * float(one), rel=1e-12)
    assert float(predicted_floor(2 * x + 5, 30)) == pytest.approx(4 * float(one), rel=1e-9)


def test_the_book_s_own_features_of_digits(true_digits) -> None:
    """4,000 test images, cut into 1,000 and the rest at random: the law is that of the whole, and
    two parts of a whole differ like two draws. Their features are far from Gaussian."""
    from diffusionbook import zoo
    from diffusionbook.data import mnist
    from diffusionbook.zoo.judge import FEATURES, look

    whole, _ = look(zoo.load(FEATURES), mnist.real("test", None).images[:4_000])
    n, d, times = 1_000, whole.shape[1], 200
    orders = (torch.randperm(len(whole), generator=seeded(k)) for k in range(times))
    found = f64([float(frechet(whole[k[:n]], whole[k[n:]])) for k in orders])
    predicted = float(predicted_floor(whole, n, len(whole) - n))
    error = float(found.std()) / math.sqrt(times)
    assert abs(float(found.mean()) - predicted) < 5 * error + d / n * predicted
    # it sees that the features are not Gaussian: for those it would be higher
    v = torch.linalg.eigvalsh(whole.double().T.cov())
    pairs = (1 + torch.eye(d)) * v * v[:, None] / (v + v[:, None])
    gaussian = float(v.sum() + pairs.sum() / 2) * (1 / n + 1 / (len(whole) - n))
    assert abs(float(found.mean()) - predicted) < (gaussian - predicted) / 2


@pytest.mark.parametrize("gaussian", [True, False])
def test_it_is_the_mean_distance_of_finite_draws(gaussian: bool) -> None:
    """Sixteen features of unequal variance: n draws against the law, 200 times."""
    d, n, times = 16, 500, 200
    scale = torch.linspace(0.3, 2.0, d).double()

    def draws(count: int, seed: int) -> torch.Tensor:
        z = randn((count, d), seeded(seed))
        return scale * (z if gaussian else z.sign() * z.abs().exp() - z.sign())

    law = draws(200_000, 0)
    moments = law.mean(0), law.T.cov()
    found = f64([float(frechet_moments(x.mean(0), x.T.cov(), *moments))
                 for x in (draws(n, seed) for seed in range(1, times + 1))])
    predicted = float(predicted_floor(law, n))
    error = float(found.std()) / math.sqrt(times)
    # First order in 1/n: what is left out is of the size of d / n of it.
    assert abs(float(found.mean()) - predicted) < 5 * error + d / n * predicted
    if gaussian:
        v = scale.square()
        exact = (v.sum() + ((1 + torch.eye(d)) * v * v[:, None] / (v + v[:, None])).sum() / 2) / n
        assert predicted == pytest.approx(float(exact), rel=0.02)


def test_balanced_draws_of_unequal_classes(without_shape_checks) -> None:
    """600 points, 200 of each of three classes, beside 1,500 of a law that holds .5, .3 and .2."""
    means, widths = 2 * randn((3, 4), seeded(1)), f64([0.5, 1.0, 1.5])
    shares, n, beside, times = f64([0.5, 0.3, 0.2]), 600, 1_500, 200

    def draws(which: torch.Tensor, seed: int) -> torch.Tensor:
        return means[which] + widths[which, None] * randn((len(which), 4), seeded(seed))

    found, predicted, plain = [], [], []
    for k in range(times):
        labels = torch.multinomial(shares, beside, replacement=True, generator=seeded(2 * k))
        test = draws(labels, 10_000 + k)
        found.append(float(frechet(draws(torch.arange(n) % 3, 20_000 + k), test)))
        predicted.append(float(predicted_floor(test, n, beside, labels)))
        plain.append(float(predicted_floor(test, n, beside)))
    gaps = f64(found) - f64(predicted)
    error = float(gaps.std()) / math.sqrt(times)
    assert abs(float(gaps.mean())) < 5 * error < 0.1 * f64(found).mean()
    assert abs(float((f64(found) - f64(plain)).mean())) > 20 * error


def test_balanced_draws_of_balanced_classes_have_less_noise() -> None:
    """Two classes a distance apart with a little width: between them nothing is left to chance."""
    labels = torch.arange(4_000) % 2
    x = f64([-1.0, 1.0])[labels][:, None] + 0.1 * randn((4_000, 1), seeded(0))
    # v = 1.01, the mean is off by .01 / n; x² is 1 ± .2, so an error of .0402 / n / (4 v) as well
    expected = 0.01 / 50 + 0.0402 / 50 / (4 * 1.01)
    assert float(predicted_floor(x, 50, labels=labels)) == pytest.approx(expected, rel=0.1)
    assert float(predicted_floor(x, 50)) > 40 * expected
    same = predicted_floor(x, 50, 70, labels) - predicted_floor(x, 50, labels=labels)
    assert float(same) == pytest.approx(float(predicted_floor(x, 70, labels=labels)), rel=0.02)


def test_an_axis_without_variance_changes_nothing() -> None:
    x = randn((300, 4), seeded(0))
    flat = torch.cat([x, torch.ones(300, 2).double()], 1)
    assert float(predicted_floor(flat, 20)) == pytest.approx(float(predicted_floor(x, 20)),
                                                            rel=1e-9)
    assert float(predicted_floor(torch.ones(9, 2), 5)) == 0
    assert float(frechet(flat[:100], flat[100:])) > 0


@pytest.mark.parametrize(("call", "message"), [
    (lambda x: predicted_floor(x[:1], 5), "features must hold 2 or more rows"),
    (lambda x: predicted_floor(x / 0, 5), "features must be finite"),
    (lambda x: predicted_floor(x, 0), "n must be at least 1; it is 0"),
    (lambda x: predicted_floor(x, 5, 0), "beside must be at least 1; it is 0"),
    (lambda x: predicted_floor(x, 5, labels=torch.zeros(3).long()), "labels must have shape"),
])
def test_bad_arguments_are_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(torch.ones(4, 2))
