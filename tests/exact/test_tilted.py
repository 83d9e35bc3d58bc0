"""Tilted laws: formulas against quadrature."""

import math

import pytest
import torch
from models import each_path

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.exact.tilted import exact_reward, tilt, tilt_quadratic
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from exact import density, f64, gradient, plane

HUMPS = GaussianMixture(f64([0.3, 0.7]), f64([[-1.5], [1.0]]), f64([0.25, 0.5]))
PLANE = GaussianMixture(
    f64([1.0, 2.0, 0.5]),
    f64([[-1.0, 0.5], [1.0, 1.0], [0.0, -1.0]]),
    f64([[[0.5, 0.2], [0.2, 0.3]], [[0.2, 0.0], [0.0, 0.6]], [[0.4, -0.3], [-0.3, 0.5]]]),
    torch.tensor([0, 1, 1]),
)
SLOPE, CENTRE, WIDTH = 0.9, 0.4, 0.6

# a sum over equal steps is exact to rounding for smooth functions that die out before the ends
LINE = torch.linspace(-14, 14, 4001, dtype=torch.float64)


def integral(values: torch.Tensor) -> float:
    return float(values.sum() * (LINE[1] - LINE[0]))


def by_hand(law: GaussianMixture, x: torch.Tensor) -> torch.Tensor:
    return density(law.weights, law.means, law.covs).log_prob(x[:, None]).exp()


def linear(x: torch.Tensor) -> torch.Tensor:
    return SLOPE * x


def quadratic(x: torch.Tensor) -> torch.Tensor:
    return -((x - CENTRE) ** 2) / (2 * WIDTH**2)


TILTS = [
    (linear, lambda law: tilt(law, f64([SLOPE]))),
    (quadratic, lambda law: tilt_quadratic(law, f64([CENTRE]), WIDTH)),
]
tilts = pytest.mark.parametrize(("reward", "tilted"), TILTS, ids=["linear", "quadratic"])


@pytest.mark.equation("eq-tilted-law")
@pytest.mark.equation("eq-tilted-mixture")
@tilts
def test_a_tilted_mixture_is_the_prior_times_the_rewards_exponential(reward, tilted) -> None:
    """Density for density, normalised by quadrature; the moments follow from it."""
    expected = by_hand(HUMPS, LINE) * reward(LINE).exp()
    expected = expected / integral(expected)
    found = by_hand(tilted(HUMPS), LINE)
    assert (found - expected).abs().max() < 1e-10
    near = (LINE.abs() < 2.5).nonzero().flatten()
    assert (found[near] / expected[near] - 1).abs().max() < 1e-10


@pytest.mark.equation("eq-tilted-mixture")
def test_a_tilt_in_the_plane_by_a_sum_over_a_grid() -> None:
    """Components that are not round, at means and shapes where an index out of place would show."""
    b = f64([0.7, -1.1])
    points, cell = plane(10.0, 801)
    mass = density(PLANE.weights, PLANE.means, PLANE.covs).log_prob(points) + points @ b
    mass = mass.exp() * cell
    found, share = tilt(PLANE, b), mass / mass.sum()
    mean = share @ points
    cov = (points - mean).mT @ (share[:, None] * (points - mean))
    assert (found.mean() - mean).abs().max() < 1e-10
    assert (found.cov() - cov).abs().max() < 1e-10
    assert (found.covs - PLANE.covs).abs().max() == 0
    assert found.labels.tolist() == [0, 1, 1]


@pytest.mark.equation("eq-tilted-mixture")
def test_tilts_add_up_and_can_be_taken_back() -> None:
    b, c = f64([0.7, -1.1]), f64([-0.2, 3.0])
    for found, expected in (
        (tilt(tilt(PLANE, b), c), tilt(PLANE, b + c)),
        (tilt(tilt(PLANE, b), -b), PLANE),
        (tilt(PLANE, 0 * b), PLANE),
    ):
        assert (found.weights - expected.weights).abs().max() < 1e-12
        assert (found.means - expected.means).abs().max() < 1e-12


@pytest.mark.equation("eq-tilted-mixture")
def test_a_long_tilt_leaves_the_component_that_it_points_to() -> None:
    far = tilt(HUMPS, f64([2000.0]))
    assert far.weights.tolist() == [1.0]
    assert far.means.tolist() == [[1.0 + 2000 * 0.5]]
    assert far.covs.tolist() == [[[0.5]]]


@pytest.mark.equation("eq-tilted-law")
def test_a_flat_quadratic_tilt_changes_nothing_and_a_sharp_one_pins() -> None:
    flat = tilt_quadratic(PLANE, f64([3.0, 0.0]), 1e8)
    assert (flat.means - PLANE.means).abs().max() < 1e-12
    pinned = tilt_quadratic(PLANE, f64([0.3, 0.2]), 1e-4)
    assert (pinned.mean() - f64([0.3, 0.2])).abs().max() < 1e-6


@pytest.mark.equation("eq-exact-reward")
@each_path
@tilts
def test_what_a_noisy_point_promises_is_the_mean_of_the_rewards_exponential(
    path, reward, tilted
) -> None:
    """log E[e^r | x_t] by quadrature over x0, with the constant log E[e^r] put back."""
    alpha, sigma = float(path.alpha(0.6)), float(path.sigma(0.6))
    x_t, prior = f64([[-1.3], [0.2], [2.0]]), by_hand(HUMPS, LINE)
    expected = []
    for x in x_t[:, 0]:
        given = prior * (-((x - alpha * LINE) ** 2) / (2 * sigma**2)).exp()
        expected.append(math.log(integral(given * reward(LINE).exp()) / integral(given)))
    constant = math.log(integral(prior * reward(LINE).exp()))
    found = exact_reward(HUMPS, tilted(HUMPS), x_t, alpha, sigma) + constant
    assert found.tolist() == pytest.approx(expected, abs=1e-10)


@pytest.mark.equation("eq-exact-reward")
@each_path
@tilts
def test_its_gradient_leads_from_the_priors_score_to_the_tilted_laws(path, reward, tilted) -> None:
    x_t, t = randn((6, 1), seeded(0)), 0.4
    law = tilted(HUMPS)

    def promised(x):
        return exact_reward(HUMPS, law, x, path.alpha(t), path.sigma(t))

    plain = AnalyticDenoiser(HUMPS, path)(x_t, t).score
    steered = AnalyticDenoiser(law, path)(x_t, t).score
    assert (plain + gradient(promised, x_t) - steered).abs().max() < 1e-10


@pytest.mark.equation("eq-exact-reward")
def test_the_plug_in_is_a_lower_bound_that_is_exact_for_one_gaussian_and_a_line() -> None:
    """log E[e^{b x0} | x_t] - b x0_hat is b'V b / 2 for one Gaussian: the gradients agree."""
    law, b, path, t = GaussianMixture.normal(f64([0.3]), 0.49), f64([1.7]), Cosine(), 0.5
    x_t = randn((5, 1), seeded(1))
    alpha, sigma = float(path.alpha(t)), float(path.sigma(t))
    log_mass = 1.7 * 0.3 + 1.7**2 * 0.49 / 2
    plug_in = AnalyticDenoiser(law, path)(x_t, t).x0 @ b
    gap = exact_reward(law, tilt(law, b), x_t, alpha, sigma) + log_mass - plug_in
    v_t = 0.49 * sigma**2 / (alpha**2 * 0.49 + sigma**2)
    assert (gap - 1.7**2 * v_t / 2).abs().max() < 1e-10


def test_what_cannot_be_meant_is_refused(without_shape_checks) -> None:
    for b in (f64([1.0, 2.0]), f64(1.0), f64([[1.0]])):
        with pytest.raises(ValueError, match=r"direction must have shape \(1,\); it has"):
            tilt(HUMPS, b)
    with pytest.raises(ValueError, match="direction must be finite; it holds nan"):
        tilt(HUMPS, f64([math.nan]))
    with pytest.raises(ValueError, match="direction must keep .* finite; its length is 1e\\+308"):
        tilt(HUMPS, f64([1e308]))
    with pytest.raises(ValueError, match=r"centre must have shape \(2,\); it has \(1,\)"):
        tilt_quadratic(PLANE, f64([0.0]), 1.0)
    with pytest.raises(ValueError, match="std must be positive; it is 0.0"):
        tilt_quadratic(PLANE, f64([0.0, 0.0]), 0.0)
    with pytest.raises(ValueError, match="tilted must have the prior's dimension 1; it has 2"):
        exact_reward(HUMPS, PLANE, f64([[0.0]]), 1.0, 0.5)
