"""Exact fronts of laws: against integrals on a grid and rivals; and what is sampled instead."""

import math

import pytest
import torch

from diffusionbook.denoisers import AnalyticDenoiser
from diffusionbook.exact import GaussianMixture
from diffusionbook.guidance import LinearReward, QuadraticReward
from diffusionbook.pareto import (
    Objective,
    departure,
    even_preferences,
    front_of_laws,
    mean_reward,
    overshoot_of,
    preference_with_mean,
    sampled_preference,
    steer_by_sum,
    tilted_by,
    weighted_sum,
)
from diffusionbook.paths import Cosine, Linear
from diffusionbook.samplers import DDIM, Heun, grids, push_forward
from exact import f64, plane

PRIOR = GaussianMixture(f64([0.5, 0.3, 0.2]), f64([[-1.0, 0.0], [1.0, 0.5], [0.0, -1.2]]),
                        f64([0.2, 0.1, 0.3]))
REWARDS = [QuadraticReward(f64([1.5, 1.0]), 1.2), QuadraticReward(f64([-1.0, -1.0]), 0.8),
           LinearReward(f64([0.5, -0.3]))]


def by_grid(preference, scale: float) -> tuple[list[float], float]:
    """Mean rewards and divergence of the tilted law, by sums over a fine grid."""
    x, cell = plane(5.0, 501)
    r = torch.stack([reward(x) for reward in REWARDS], 1)
    p = PRIOR.log_prob(x)
    log_q = p + scale * (r @ preference)
    log_q = log_q - log_q.logsumexp(0) - math.log(cell)
    q = log_q.exp() * cell
    return (q @ r).tolist(), float(q @ (log_q - p))


@pytest.mark.equation("eq-many-tilted")
@pytest.mark.equation("eq-departure")
@pytest.mark.parametrize("scale", [0.5, 3.0])
@pytest.mark.parametrize("w", [[1.0, 0.0, 0.0], [0.3, 0.7, 0.0], [0.2, 0.3, 0.5]])
def test_mean_rewards_and_departure_are_those_of_the_grid(w, scale: float) -> None:
    w = f64(w)
    values, nats = by_grid(w, scale)
    law = tilted_by(PRIOR, REWARDS, w, scale)
    assert [mean_reward(law, reward) for reward in REWARDS] == pytest.approx(values, abs=1e-6)
    assert departure(PRIOR, REWARDS, w, scale) == pytest.approx(nats, abs=1e-6)


def test_scale_0_is_the_prior() -> None:
    w = f64([0.2, 0.3, 0.5])
    assert tilted_by(PRIOR, REWARDS, w, 0.0) is PRIOR
    assert departure(PRIOR, REWARDS, w, 0.0) == pytest.approx(0, abs=1e-12)


@pytest.mark.equation("eq-laws-front")
def test_nothing_as_far_from_the_prior_has_more(without_shape_checks) -> None:
    """Rivals: the laws of all other preferences at the same divergence, and their mixtures, which
    are no farther."""
    found = front_of_laws(PRIOR, REWARDS[:2], w := even_preferences(2, 6), 0.7)
    for preference, law in zip(w, found.laws, strict=True):
        assert found.rewards.shape == (7, 2)
        ahead = found.rewards @ preference
        own = sum(float(share) * mean_reward(law, r)
                  for share, r in zip(preference, REWARDS[:2], strict=True))
        assert own == pytest.approx(float(ahead.max()), abs=1e-9)
    for preference, scale in zip(w, found.scales.tolist(), strict=True):
        assert departure(PRIOR, REWARDS[:2], preference, scale) == pytest.approx(0.7, abs=1e-9)
    slopes = found.rewards.diff(dim=0)
    turn = slopes[:-1, 0] * slopes[1:, 1] - slopes[:-1, 1] * slopes[1:, 0]
    assert bool((turn < 0).all())  # convex: it always turns the same way


def test_on_a_gaussian_the_tilted_precision_adds_up() -> None:
    cov, mean = f64([[1.0, 0.3], [0.3, 0.6]]), f64([0.2, -0.1])
    prior, w, scale = GaussianMixture.normal(mean, cov), f64([0.25, 0.75]), 1.7
    law = tilted_by(prior, REWARDS[:2], w, scale)
    pulls = [scale * float(w[i]) / REWARDS[i].std ** 2 for i in range(2)]
    precision = torch.linalg.inv(cov) + sum(pulls) * torch.eye(2).double()
    assert torch.allclose(torch.linalg.inv(law.covs[0]), precision)
    pulled = torch.linalg.inv(cov) @ mean + sum(
        p * r.centre for p, r in zip(pulls, REWARDS, strict=False))
    assert torch.allclose(law.mean(), torch.linalg.solve(precision, pulled))


@pytest.mark.equation("eq-laws-front")
@pytest.mark.parametrize("scale", [1e-3, 1.0, 4e5])
def test_on_a_line_the_departure_is_half_the_squared_scale(scale: float) -> None:
    line, up = GaussianMixture.normal(f64([0.0]), 1.0), [LinearReward(f64([1.0]))]
    found = front_of_laws(line, up, f64([1.0]), scale**2 / 2)
    assert float(found.scales) == pytest.approx(scale, rel=1e-9)
    assert float(found.rewards) == pytest.approx(scale, rel=1e-9)
    with pytest.raises(ValueError, match="nats must be within reach.*at scale 524288 the law"):
        front_of_laws(line, up, f64([1.0]), 2e12)


def sampled_mean(preference: float, kappa: float, sampler: str, path) -> float:
    """By pushing mean and variance through the sampler's steps, steered by both rewards."""
    prior = GaussianMixture.normal(f64([0.0]), 1.0)
    centres = [1.0, -0.5]
    objectives = [Objective(str(a), QuadraticReward(f64([a]), kappa**-0.5)) for a in centres]
    w = f64([preference, 1 - preference])
    model = steer_by_sum(AnalyticDenoiser(prior, path), objectives, w, weighted_sum)
    stepper, steps = (Heun(), 60) if sampler == "ode" else (DDIM(1.0), 150)
    grid = grids.uniform(steps, t_max=1 - 1e-3)
    return float(push_forward(stepper, model, grid, f64([0.0]), 1.0).mean)


@pytest.mark.equation("eq-sampled-preference")
@pytest.mark.parametrize(("sampler", "path"), [("ode", Linear()), ("sde", Cosine())])
@pytest.mark.parametrize("kappa", [0.5, 2.0])
def test_the_sampled_mean_is_that_of_another_preference(
    sampler, path, kappa, without_shape_checks
) -> None:
    made = sampled_mean(0.7, kappa, sampler, path)
    other = sampled_preference(0.7, kappa, (1.0, -0.5), sampler)
    at = other * 1.0 + (1 - other) * -0.5
    assert made == pytest.approx(at * kappa / (1 + kappa), rel=3e-2)
    assert other > 0.75  # what was set is 0.7; the means differ by 18 % and more


def test_for_weak_rewards_what_is_set_is_sampled() -> None:
    for sampler in ("sde", "ode"):
        assert overshoot_of(1e-4, sampler) == pytest.approx(1, abs=1e-4)
        assert sampled_preference(0.3, 1e-4, (1.0, -1.0), sampler) == pytest.approx(0.3, abs=1e-4)
    assert overshoot_of(100.0, "sde") == pytest.approx(1.01)


@pytest.mark.equation("eq-sampled-preference")
@pytest.mark.parametrize("sampler", ["sde", "ode"])
def test_the_ends_of_preference_overshoot_by_the_whole_factor(sampler: str) -> None:
    """Of centres 3 and −1 alone, 3 z and −z are sampled; the preference is where that lies."""
    z = overshoot_of(0.5, sampler)
    assert sampled_preference(1.0, 0.5, (3.0, -1.0), sampler) == pytest.approx((3 * z + 1) / 4)
    assert sampled_preference(0.0, 0.5, (3.0, -1.0), sampler) == pytest.approx((1 - z) / 4)
    assert z > 1.1


CORNERS = [QuadraticReward(f64(c), 0.8) for c in ([1.5, 1.0], [-1.0, -1.0], [0.5, -1.5])]


@pytest.mark.parametrize("w", [[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]])
def test_a_preference_is_found_from_the_mean_of_its_law(w) -> None:
    mean = tilted_by(PRIOR, CORNERS, f64(w), 1.3).mean()
    found = preference_with_mean(PRIOR, CORNERS, 1.3, mean)
    assert found.tolist() == pytest.approx(w, abs=1e-8)


@pytest.mark.equation("eq-sampled-preference")
def test_on_a_gaussian_the_overshoot_is_that_of_the_preference() -> None:
    prior, w = GaussianMixture.normal(f64([0.0, 0.0]), 1.0), f64([0.1, 0.1, 0.8])
    kappa = 1.3 / 0.8**2
    ahead = overshoot_of(kappa, "sde") * tilted_by(prior, CORNERS, w, 1.3).mean()
    found = preference_with_mean(prior, CORNERS, 1.3, ahead)
    centres = torch.stack([reward.centre for reward in CORNERS])
    assert torch.allclose(found @ centres, overshoot_of(kappa, "sde") * (w @ centres))
    assert float(found.sum()) == pytest.approx(1) and float(found.min()) < 0


@pytest.mark.parametrize(("call", "says"), [
    (lambda: tilted_by(PRIOR, REWARDS, f64([1.0, 0.0, 0.0]), -1.0), "scale must not be negative"),
    (lambda: tilted_by(PRIOR, REWARDS, f64([1.0, 0.0]), 1.0), "preferences must have shape"),
    (lambda: front_of_laws(PRIOR, REWARDS, f64([1.0, 0.0, 0.0]), 0.0), "nats must be positive"),
    (lambda: front_of_laws(PRIOR, [LinearReward(f64([0.0, 0.0]))], f64([1.0]), 1.0),
     "nats must be within reach"),
    (lambda: overshoot_of(-1.0, "sde"), "kappa must be positive"),
    (lambda: overshoot_of(1.0, "heun"), "sampler must be one of sde, ode"),
    (lambda: preference_with_mean(PRIOR, CORNERS[:2], 1.0, f64([0.0, 0.0])), "rewards must be 3"),
    (lambda: preference_with_mean(PRIOR, CORNERS, 1.0, f64([0.0])), "mean must have shape"),
    (lambda: preference_with_mean(PRIOR, CORNERS, 0.0, f64([0.0, 0.0])), "scale must be positive"),
    (lambda: preference_with_mean(PRIOR, CORNERS, 1.0, f64([math.nan, 0.0])), "mean must"),
    (lambda: preference_with_mean(PRIOR, 3 * CORNERS[:1], 1.0, f64([0.0, 0.0])),
     "rewards must have centres"),
    (lambda: preference_with_mean(PRIOR, CORNERS, 1.0, f64([900.0, 0.0])), "mean must be that"),
    (lambda: preference_with_mean(PRIOR, [*CORNERS[:2], QuadraticReward(f64([0.5, -1.5]), 0.9)],
                                  1.0, f64([0.0, 0.0])), r"widths \[0.8, 0.8, 0.9\]"),
    (lambda: sampled_preference(-0.1, 1.0, (0.0, 1.0), "sde"), "preference must lie in"),
    (lambda: sampled_preference(1.2, 1.0, (0.0, 1.0), "sde"), "preference must lie in"),
    (lambda: sampled_preference(0.2, 1.0, (1.0, 1.0), "sde"), "centres must be different"),
])
def test_what_cannot_be_meant_is_refused(call, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def test_a_reward_without_a_formula_is_refused(without_shape_checks) -> None:
    with pytest.raises(TypeError, match="LinearReward or QuadraticReward"):
        tilted_by(PRIOR, [lambda x: x[:, 0]], f64([1.0]), 1.0)
    with pytest.raises(TypeError, match="LinearReward or QuadraticReward"):
        mean_reward(PRIOR, lambda x: x[:, 0])
