"""The functions of the experiments on exact posteriors, small, where their answers are known."""

import json
import math
from itertools import permutations

import pytest
import torch
from scipy.stats import wasserstein_distance

from diffusionbook import experiments
from diffusionbook.data import five_humps, two_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.evidence import results
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.experiments import posterior_table
from diffusionbook.experiments import two_humps as on_a_line
from diffusionbook.experiments.common.clouds import (
    Metered,
    humps,
    shares_of_humps,
    w1_on_a_line,
    w2,
    wanted_shares,
)
from diffusionbook.guidance.operators.operator import dense
from diffusionbook.randomness import randn, seeded

pytestmark = pytest.mark.usefixtures("without_shape_checks")
CPU = torch.device("cpu")
FIVE = five_humps()


def small(monkeypatch, module, **more) -> None:
    """The experiment's tiny form, as a reseal runs it."""
    for name, value in (module.TINY | more).items():
        monkeypatch.setattr(module, name, value)


# --- what they share ----------------------------------------------------------------------------


def test_two_humps_are_as_wide_and_as_far_apart_as_the_page_says() -> None:
    law = two_humps()
    assert law.means.tolist() == [[-2], [2]] and law.covs.flatten().tolist() == [0.25, 0.25]
    assert law.weights.tolist() == [0.5, 0.5] and law.labels.tolist() == [0, 1]


def test_both_are_experiments_and_depend_on_what_they_share() -> None:
    assert {"posterior-table", "two-humps"} <= set(experiments.names())


def test_a_metered_model_counts_samples_and_backward_passes() -> None:
    model = Metered(AnalyticDenoiser(FIVE, posterior_table.PATH))
    x = randn((7, 2), seeded(0))
    with torch.no_grad():
        plain = model(x, 0.5).x0
    assert (model.evaluations, model.gradients) == (7, 0)
    point = x.clone().requires_grad_()
    value = model(point, 0.5).x0
    assert torch.equal(value, plain) and (model.evaluations, model.gradients) == (14, 0)
    (once,) = torch.autograd.grad(value.sum(), point, create_graph=True)
    assert model.gradients == 7
    torch.autograd.grad(value[:, 0].square().sum(), point)
    assert (model.evaluations, model.gradients) == (14, 14)


def test_w2_is_the_cheapest_pairing() -> None:
    x, y = randn((5, 2), seeded(0)), randn((5, 2), seeded(1))
    costs = [(x - y[list(order)]).square().sum(1).mean() for order in permutations(range(5))]
    assert w2(x, y) == pytest.approx(float(min(costs)) ** 0.5, rel=1e-10)
    assert w2(x, y) < float(costs[0]) ** 0.5
    assert w2(x, x.flip(0)) == 0
    assert w2(x, x + torch.tensor([3.0, 4.0])) == pytest.approx(5, rel=1e-10)


def test_w1_is_scipys() -> None:
    x, law = randn((20, 1), seeded(0)), 1 + 2 * randn((50, 1), seeded(1))
    shares = randn((20,), seeded(2)).softmax(0)
    for weights in (None, shares):
        right = wasserstein_distance(x[:, 0], law[:, 0], weights)
        assert w1_on_a_line(x, law, weights) == pytest.approx(right, rel=1e-10)
    assert w1_on_a_line(x, law, shares) != pytest.approx(w1_on_a_line(x, law), rel=0.01)


def test_every_point_says_which_hump_it_came_from() -> None:
    x, labels = FIVE.sample_labelled(20_000, seeded(0))
    found = humps(FIVE, x)
    assert (found != labels).double().mean() < 0.005
    assert torch.equal(shares_of_humps(FIVE, x), found.bincount(minlength=5) / 20_000)
    assert humps(FIVE, FIVE.means).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", posterior_table.PROBLEMS)
def test_humps_of_exact_draws_are_as_many_as_wanted(name: str) -> None:
    """Five standard errors of a share, and half a percent of points between two humps."""
    problem, n = posterior_table.PROBLEMS[name], 20_000
    for noise_std in posterior_table.NOISES:
        law = problem.posterior(noise_std)
        wanted = wanted_shares(FIVE, law)
        assert float(wanted.sum()) == pytest.approx(1)
        away = (shares_of_humps(FIVE, law.sample(n, seeded(1))) - wanted).abs()
        assert bool((away < 5 * (wanted * (1 - wanted) / n).sqrt() + 0.005).all())


def test_no_problem_is_solved_by_one_hump() -> None:
    rows = {name: dense(p.operator).tolist() for name, p in posterior_table.PROBLEMS.items()}
    assert rows == {"coordinate": [[0, 1]], "slant": [[0.6, -0.8]], "mean": [[0.5, 0.5]]}
    for problem in posterior_table.PROBLEMS.values():
        for noise_std in posterior_table.NOISES:
            assert wanted_shares(FIVE, problem.posterior(noise_std)).max() < 0.7


# --- the plane ----------------------------------------------------------------------------------


def test_a_cloud_of_exact_draws_is_where_the_law_is() -> None:
    law = posterior_table.PROBLEMS["slant"].posterior(0.5)
    fresh = law.sample(400, seeded(0))
    same, far = (posterior_table.against(x, fresh, law) for x in (fresh, fresh + 10))
    assert same["w2"] == 0 and far["w2"] == pytest.approx(10 * 2**0.5)
    assert same["mean"] < 0.3 and far["mean"] == pytest.approx(10 * 2**0.5, abs=0.3)
    assert same["cov"] == pytest.approx(far["cov"]) and same["cov"] < 0.5
    assert same["humps"] < 0.1 and far["humps"] > 0.5
    assert sum(same[f"hump {k}"] for k in range(5)) == pytest.approx(1)


def cost(monkeypatch, method: str, sampler: str) -> tuple[float, float]:
    """Looks and gradients of one sample, for each of four steps; the samples are checked."""
    small(monkeypatch, posterior_table)
    model = Metered(AnalyticDenoiser(FIVE, posterior_table.PATH))
    x = posterior_table.draw(method, sampler, posterior_table.PROBLEMS["coordinate"], 0.5, model,
                             seeded(0))
    assert x.shape == (12, 2) and torch.isfinite(x).all()
    assert len(set(x[:, 0].tolist())) > 1
    return model.evaluations / 48, model.gradients / 48


@pytest.mark.parametrize(("method", "price"), [
    ("dps", (1, 1)), ("pigdm", (1, 1)), ("covariance", (1, 2)), ("null space", (1, 0)),
    ("released", (1, 1)), ("best", (3, 0)), ("repaint", (3, 0)), ("dps long", (2, 2)),
])
def test_what_a_method_costs(monkeypatch, method: str, price) -> None:
    assert cost(monkeypatch, method, "sde") == price


def test_five_samples_of_dps_cost_more_than_one_particle(monkeypatch) -> None:
    looks, gradients = cost(monkeypatch, "particles", "sde")
    assert looks <= 1 and gradients <= 5


def test_the_constraint_is_met_without_noise(monkeypatch) -> None:
    small(monkeypatch, posterior_table)
    problem = posterior_table.PROBLEMS["slant"]
    model = Metered(AnalyticDenoiser(FIVE, posterior_table.PATH))
    x = posterior_table.draw("null space", "sde", problem, 0.5, model, seeded(0))
    assert (problem.operator(x) - problem.observed).abs().max() < 1e-10


def test_particles_find_the_humps(monkeypatch) -> None:
    """Five standard deviations of a share of 600, with the 1.2 that resampling may cost."""
    small(monkeypatch, posterior_table, STEPS=60, SAMPLES=600)
    problem = posterior_table.PROBLEMS["mean"]
    model = Metered(AnalyticDenoiser(FIVE, posterior_table.PATH))
    x = posterior_table.draw("particles", "sde", problem, 0.5, model, seeded(0))
    wanted = wanted_shares(FIVE, problem.posterior(0.5))
    away = (shares_of_humps(FIVE, x) - wanted).abs()
    assert bool((away < 5 * 1.2 * (wanted * (1 - wanted) / 600).sqrt() + 0.005).all())


def test_the_table_has_every_method_and_its_floor(monkeypatch) -> None:
    small(monkeypatch, posterior_table)
    numbers = posterior_table.measure(0, CPU)
    assert all(isinstance(v, float) for v in numbers.values())
    assert "coordinate 0.5 repaint sde w2" in numbers and "mean 0.5 repaint sde w2" not in numbers
    for name in posterior_table.PROBLEMS:
        for row in ("exact", "dps ode", "whole sde", "released ode", "particles sde", "best sde",
                    "dps long sde"):
            keys = {f"{name} 0.5 {row} {key}" for key in ("w2", "mean", "cov", "humps")}
            assert keys <= {*numbers}
    check_committed("posterior-table", posterior_table)


# --- the line -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "right"), [((0.5, 1.0), 0.832), ((0.3, 0.5), 0.917)])
def test_the_right_hump_has_the_mass_that_bayes_gives_it(case, right: float) -> None:
    law = on_a_line.posterior(*case)
    assert on_a_line.right(law) == pytest.approx(right, abs=5e-4)
    x = law.sample(20_000, seeded(0))
    spread = (right * (1 - right) / 20_000) ** 0.5
    assert float((x > 0).double().mean()) == pytest.approx(right, abs=5 * spread + 5e-4)


def test_exact_on_gaussians_is_too_timid_on_two_humps(monkeypatch) -> None:
    """By far more than five standard errors of 500 samples."""
    monkeypatch.setattr(on_a_line, "SAMPLES", 500)
    monkeypatch.setattr(on_a_line, "STEPS", 60)
    found = {method: float((on_a_line.draw(method, "sde", 0.5, 1.0, 0) > 0).double().mean())
             for method in ("dps", "covariance")}
    right, error = 0.832, (0.832 * 0.168 / 500) ** 0.5
    assert found["covariance"] < right - 5 * error
    assert found["dps"] > right + 3 * error


def test_what_each_method_makes_of_half_way_is_what_the_page_says() -> None:
    """Humps without width, so that all of a push is one on the log-odds of the right hump."""
    m, y, sigma_y, t = 2.0, torch.tensor([0.5]).double(), 0.8, 0.6
    path, middle = on_a_line.PATH, torch.zeros(1, 1).double()
    law = GaussianMixture(torch.ones(2), torch.tensor([[-m], [m]]), torch.full((2,), 1e-8))
    exact = AnalyticDenoiser(law.condition(on_a_line.IDENTITY.a, y, sigma_y), path)
    model = AnalyticDenoiser(law, path)
    problem = model, on_a_line.IDENTITY, y, sigma_y
    noise = float(path.sigma(t) / path.alpha(t)) ** 2
    factor = 2 * m * float(path.alpha(t) / path.sigma(t) ** 2)  # of log-odds over x_t
    half, s2 = m * 0.5 / 2, sigma_y**2
    said = {"dps": half / s2, "pigdm": half / (s2 + noise / (1 + noise)),
            "covariance": half / (s2 + m**2), "whole": half / (s2 + m**2)}
    for method, push in said.items():
        found = on_a_line.METHODS[method](*problem)(middle, t).score
        assert float(found) == pytest.approx(factor * push, rel=1e-6)
    right = factor * math.tanh(2 * half / s2) / 2
    assert float(exact(middle, t).score) == pytest.approx(right, rel=1e-6)


def test_particles_have_no_bias_that_one_could_see() -> None:
    """Of 20 runs of 200: five standard errors, and a spread near that of independent draws."""
    x, weights = on_a_line.weighed(200, 0.5, 1.0, 0, steps=60, runs=20)
    masses = (weights * (x > 0)).sum(1)
    error = (0.832 * 0.168 / 200) ** 0.5
    assert abs(float(masses.mean()) - 0.832) < 5 * 1.2 * error / 20**0.5
    assert 0.4 * error < float(masses.std()) < 2 * error


def test_all_numbers_of_the_line(monkeypatch) -> None:
    small(monkeypatch, on_a_line)
    numbers = on_a_line.measure(0, CPU)
    assert all(isinstance(v, float) for v in numbers.values())
    for key in ("exact right", "floor w1", "dps ode right", "covariance sde w1", "whole sde right",
                "particles 10 w1", "runs bias", "runs std"):
        assert f"0.5 1 {key}" in numbers
    check_committed("two-humps", on_a_line)


def check_committed(name: str, module) -> None:
    """A result that is in the repository was measured for these seeds, all of them."""
    path = results.RESULTS / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"{name} has not been measured yet")
    held = json.loads(path.read_bytes())
    assert held["seeds"] == list(module.SEEDS)
    assert all(len(values) == len(module.SEEDS) for values in held["numbers"].values())
