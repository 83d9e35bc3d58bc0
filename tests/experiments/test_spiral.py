"""The functions of the experiments on the spiral, small, where their answers are known."""

import math

import pytest
import torch

from diffusionbook import experiments
from diffusionbook.data.toy import spiral_mixture
from diffusionbook.denoisers.exact import AnalyticDenoiser, EmpiricalDenoiser
from diffusionbook.evidence import record
from diffusionbook.evidence.sources import Package
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments import spiral_bound, spiral_chain, spiral_fields, spiral_schedule
from diffusionbook.experiments.common.spiral import draw, fresh, mean_mmd, mean_w2, train
from diffusionbook.likelihood.bound import elbo
from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VP, Cosine
from diffusionbook.randomness import randn, seeded

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CPU = torch.device("cpu")
SPIRAL = spiral_mixture()
EXACT = AnalyticDenoiser(SPIRAL, VP())
DATA = SPIRAL.sample(40, seeded(0))
NAMES = ["spiral-bound", "spiral-chain", "spiral-fields", "spiral-schedule"]


def test_what_they_share_is_no_experiment_but_a_dependency_of_each() -> None:
    assert [name for name in experiments.names() if name.startswith("spiral")] == NAMES
    for name in NAMES[1:]:
        assert "fresh" in record.experiment(name, Package()).reaches


def test_training_follows_its_seed_and_returns_its_data() -> None:
    (a, x), (b, y), (c, z) = (train(seed, CPU, steps=3) for seed in (0, 1, 0))
    assert torch.equal(x, z) and not torch.equal(x, y)
    first, second, third = (model.net.layers[0].weight for model in (a, b, c))
    assert torch.equal(first, third) and not torch.equal(first, second)
    assert not any(w.requires_grad for w in a.parameters())


def test_models_drawn_with_one_seed_see_one_noise() -> None:
    chain = Chain.from_path(VP(), 5)
    one = draw(EXACT, chain, 20, seed=0)
    assert torch.equal(one, draw(EXACT, chain, 20, seed=0))
    assert not torch.equal(one, draw(EXACT, chain, 20, seed=1))
    # A spiral of 20 points that are the data set: the same noise leads to the same places.
    crowd = EmpiricalDenoiser(SPIRAL.sample(4_000, seeded(1)), VP())
    other = draw(crowd, chain, 20, seed=0)
    assert (one - other).norm(dim=1).median() < 0.1


def test_fresh_sets_are_all_different() -> None:
    firsts = [points[0, 0].item() for seed in range(3) for points in fresh(2, seed)]
    assert len(set(firsts)) == 12


def test_mean_distances() -> None:
    x = randn((500, 2), seeded(0))
    assert mean_w2(x, [x, x]) == 0
    # Of a shift by c, a line sees c cos(angle); the mean square of a cosine is 1 / 2.
    assert mean_w2(x, [x + torch.tensor([3.0, 4.0])]) == pytest.approx(5 / math.sqrt(2), rel=0.1)
    assert mean_w2(x, [x, x + 1]) == pytest.approx(mean_w2(x, [x + 1]) / 2)
    apart, alike = mean_mmd(x, [x + 5]), mean_mmd(x, [randn((500, 2), seeded(1))])
    assert apart > 10 * abs(alike)
    assert mean_mmd(x, [x + 5, randn((500, 2), seeded(1))]) == pytest.approx((apart + alike) / 2)


def test_the_exact_model_gets_closer_with_more_steps() -> None:
    few, more = (spiral_chain.distances(EXACT, steps, seed=0, samples=500) for steps in (3, 40))
    assert more[0] < 0.5 * few[0]
    assert more[1] < 0.5 * few[1]
    assert spiral_chain.floor(0, samples=500)[0] < 0.5 * few[0]


def test_a_model_is_at_no_distance_from_itself() -> None:
    exact = spiral_fields.field_errors(EXACT, DATA, seed=0, samples=100)
    memory = spiral_fields.field_errors(EmpiricalDenoiser(DATA, VP()), DATA, seed=0, samples=100)
    for t in spiral_fields.TIMES:
        assert exact[f"network to mixture t={t}"] < 1e-4  # the network is asked in float32
        assert exact[f"network to data t={t}"] == pytest.approx(
            exact[f"data to mixture t={t}"], abs=1e-4
        )
        assert memory[f"data to mixture t={t}"] == exact[f"data to mixture t={t}"]
        assert memory[f"network to data t={t}"] < 0.1 * memory[f"network to mixture t={t}"]
    assert len(exact) == 3 * len(spiral_fields.TIMES)


def test_field_errors_are_in_units_of_one_coordinate() -> None:
    """A network that always answers x_t + (0.3, 0.4) too much is off by sqrt(0.25 / 2)."""

    class Off(AnalyticDenoiser):
        def __call__(self, x_t, t, y=None):
            right = super().__call__(x_t, t, y)
            shift = torch.tensor([0.3, 0.4]) * self.path.sigma(t) / self.path.alpha(t)
            return type(right)(right.x0 - shift, "x0", x_t, t, self.path)

    errors = spiral_fields.field_errors(Off(SPIRAL, VP()), DATA, seed=0, samples=50)
    for t in spiral_fields.TIMES:
        assert errors[f"network to mixture t={t}"] == pytest.approx(math.sqrt(0.125), abs=1e-4)


def test_the_training_sets_own_denoiser_returns_the_training_set() -> None:
    numbers = spiral_fields.sample_numbers(EXACT, DATA, seed=0, samples=200, steps=100)
    assert len(numbers) == 9
    assert numbers["nearest data"] < 0.2 * numbers["nearest fresh"]
    assert numbers["nearest network"] == pytest.approx(numbers["nearest fresh"], rel=0.2)
    assert numbers["log_prob fresh"] == pytest.approx(float(SPIRAL.log_prob(DATA).mean()), abs=0.5)
    same = spiral_fields.sample_numbers(
        EmpiricalDenoiser(DATA, VP()), DATA, seed=0, samples=200, steps=100
    )
    assert same["sliced_w2 network"] == pytest.approx(same["sliced_w2 data"], abs=1e-6)


def test_nearest_is_the_median() -> None:
    data = torch.tensor([[0.0, 0.0], [10.0, 0.0]])
    samples = torch.tensor([[0.0, 1.0], [3.0, 4.0], [10.0, 2.0]])
    assert spiral_fields.nearest(samples, data) == 2.0


@pytest.mark.parametrize("path", [VP(), Cosine()], ids=str)
@pytest.mark.parametrize("variance", ["beta", "posterior"])
def test_two_steps_miss_what_forty_find(path, variance) -> None:
    few = spiral_schedule.ends(path, variance, 2, seed=0, samples=500)
    more = spiral_schedule.ends(path, variance, 40, seed=0, samples=500)
    assert more[0] < 0.5 * few[0]


def test_the_noise_of_the_last_step_is_that_of_beta_1() -> None:
    """One step from pure noise ends at the mean of the data, or spread around it by beta_1 = 1."""
    n, path = 500, VP(beta_min=20.0, beta_max=20.0)
    clean, noisy = spiral_schedule.ends(path, "posterior", 1, seed=0, samples=n)
    x = torch.zeros(n, 2) + SPIRAL.mean()
    assert clean == pytest.approx(mean_w2(x, fresh(n, 0)), rel=0.01)
    spread = mean_w2(x + randn((n, 2), seeded(1)), fresh(n, 0))
    assert noisy == pytest.approx(spread, rel=0.1)
    assert abs(noisy - clean) > 0.2


@pytest.mark.equation("eq-step-kl")
def test_one_look_at_the_model_gives_both_bounds() -> None:
    chain = Chain.from_path(VP(), 15)
    model, x0 = AnalyticDenoiser(SPIRAL, chain), SPIRAL.sample(30, seeded(1))
    posterior, beta = (
        elbo(model, x0, variance=v, generator=seeded(2)) for v in ("posterior", "beta")
    )
    derived = spiral_bound.with_variance_beta(posterior, chain, 2)
    assert (derived.steps - beta.steps).abs().max() < 1e-10
    assert (derived.total - beta.total).abs().max() < 1e-9


def test_the_gap_is_positive_and_smaller_with_variance_beta() -> None:
    found = spiral_bound.gaps(60, seed=0, samples=600)
    error = {name: float(values.std() / 600**0.5) for name, values in found.items()}
    assert found["beta"].mean() > 5 * error["beta"]
    difference = found["posterior"] - found["beta"]
    assert difference.mean() > 5 * difference.std() / 600**0.5
    again = spiral_bound.gaps(60, seed=0, samples=600)
    assert torch.equal(found["beta"], again["beta"])


def test_spread_is_the_posterior_variance_of_a_gaussian() -> None:
    """In each coordinate s^2 sigma^2 / (alpha^2 s^2 + sigma^2), wherever x_t is."""
    law = GaussianMixture.normal(torch.tensor([1.0, -2.0]), 0.3**2)
    x_t = randn((5, 2), seeded(0))
    for t in torch.tensor([0.01, 0.3, 0.9], dtype=torch.float64):
        alpha, sigma = float(VP().alpha(t)), float(VP().sigma(t))
        variance = 0.09 * sigma**2 / (alpha**2 * 0.09 + sigma**2)
        found = spiral_bound.spread(AnalyticDenoiser(law, VP()), x_t, t)
        assert (found - 2 * variance).abs().max() < 1e-12


def test_spread_is_the_mean_error_given_x_t() -> None:
    """For the spiral: the answer's error, averaged over x0 given x_t, here by importance."""
    t = torch.tensor(0.2).double()
    x0, x_t = SPIRAL.sample(20_000, seeded(0)), SPIRAL.sample(4, seeded(1))
    weights = EmpiricalDenoiser(x0, VP()).weights(x_t, t)
    error = (x0 - EXACT(x_t, t).x0[:, None]).square().sum(2)
    found = spiral_bound.spread(EXACT, x_t, t)
    assert torch.allclose(found, (weights * error).sum(1), rtol=0.1)


def test_mean_log_prob_of_a_gaussian_is_minus_its_entropy() -> None:
    law = GaussianMixture.normal(torch.zeros(2), 0.5**4)
    entropy = math.log(2 * math.pi * math.e * 0.5**4)
    assert spiral_bound.mean_log_prob(law) == pytest.approx(-entropy, abs=1e-9)
    with pytest.raises(ValueError, match="half_width 0.5 or cells 400 is too small"):
        spiral_bound.mean_log_prob(law, half_width=0.5)


@pytest.mark.slow
def test_both_estimates_of_the_gap_agree() -> None:
    points = spiral_bound.gaps(30, seed=0, samples=4_000)
    means = spiral_bound.mean_gaps(30, seed=1, samples=1_000)
    for name, values in points.items():
        error = float(values.std() / 4_000**0.5)
        assert means[name] == pytest.approx(float(values.mean()), abs=5 * error)
        assert 0 < error < 0.15 * means[name]
