"""The triangle's JavaScript against the package, to the rounding of double precision."""

import numpy as np
import pytest
import torch

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.page import preference as page
from diffusionbook.page.steering import table
from diffusionbook.pareto.laws import mean_reward, tilted_by
from diffusionbook.pareto.sampled import overshoot_of, preference_with_mean
from diffusionbook.pareto.scalarise import weighted_sum
from diffusionbook.pareto.steering import Objective, steer_by_sum
from diffusionbook.paths.gaussian import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import ancestral, grids
from diffusionbook.samplers.ancestral import Ancestral
from diffusionbook.samplers.loop import sample

PREFERENCES = [[0.1, 0.1, 0.8], [1.0, 0.0, 0.0], [0.3, 0.45, 0.25]]
laws = pytest.mark.parametrize("data", page.DATA)


def double(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def asked(data: str, **more) -> dict:
    return {"table": table(page.prior(data)), "centres": page.CENTRES, "scale": page.SCALE,
            "w": PREFERENCES} | more


def same(found, wanted, tolerance=1e-9):
    assert (double(found).reshape(wanted.shape) - wanted).abs().max() <= tolerance


@laws
def test_the_exact_law_and_its_mean_rewards(node, data) -> None:
    found = node("""return given.w.map((w) => {
      const law = P.tilted(given.table, P.centre(given.centres, w), given.scale);
      const about = P.moments(law);
      return [law, [about.mean, about.cov], given.centres.map((c) => P.reward(about, c))]; });""",
                 asked(data))  # fmt: skip
    for (rows, (mean, cov), values), w in zip(found, PREFERENCES, strict=True):
        law = tilted_by(page.prior(data), page.rewards(), double(w), page.SCALE)
        same(rows, double(table(law)))
        same(mean, law.mean())
        same(cov, law.cov().flatten()[[0, 1, 3]])
        same(values, double([mean_reward(law, reward) for reward in page.rewards()]))


@laws
def test_where_the_weighted_sum_moves_the_guess(node, data) -> None:
    x, wanted = 1.5 * randn((20, 2), seeded(0)), []
    rewards = [Objective(str(k), reward) for k, reward in enumerate(page.rewards())]
    for w in PREFERENCES:
        guided = steer_by_sum(AnalyticDenoiser(page.prior(data), Cosine()), rewards, double(w),
                              weighted_sum, page.SCALE)  # fmt: skip
        wanted.append(torch.stack([guided(x, t).x0.detach() for t in (0.9, 0.5, 0.1)]))
    found = node("""return given.w.map((w) => [0.9, 0.5, 0.1].map(function (t) {
      const path = P.path(t), S = DiffusionSteering;
      const about = S.given(given.table, path.alpha, path.sigma);
      const seen = P.observed(P.centre(given.centres, w), given.scale);
      return given.x.map(([x, y]) => { const to = S.guide("dps", seen, path, about(x, y));
                                       return [to.x, to.y]; }); }));""",
                 asked(data, x=x.tolist()))  # fmt: skip
    same(found, torch.stack(wanted))


@laws
def test_a_whole_cloud_with_the_same_noise(node, data, monkeypatch) -> None:
    w, n, steps = PREFERENCES[0], 10, 12
    point = """const job = { ...given, w: given.w[0], seed: 3 };"""
    numbers = double(node(point + """
      const normal = P.mirrored(DiffusionShared.normals(3), given.points);
      return Array.from({ length: 2 * given.points * given.steps }, normal);""",
                          asked(data, points=n, steps=steps))).reshape(steps, n, 2)  # fmt: skip
    assert torch.equal(numbers[:, : n // 2], -numbers[:, n // 2 :])
    draws = iter(numbers[1:])
    monkeypatch.setattr(ancestral, "randn_like", lambda x, generator: next(draws))
    rewards = [Objective(str(k), reward) for k, reward in enumerate(page.rewards())]
    guided = steer_by_sum(AnalyticDenoiser(page.prior(data), Cosine()), rewards, double(w),
                          weighted_sum, page.SCALE)  # fmt: skip
    with torch.no_grad():
        wanted = sample(Ancestral(), guided, numbers[0], grids.uniform(steps, t_max=page.START))
    found = node(point + "return P.cloud(job);",
                 asked(data, points=n, steps=steps, start=page.START))
    same(found, wanted, 1e-6)  # frames hold single precision


@laws
def test_the_preference_of_a_mean_and_the_mean_of_points(node, data) -> None:
    points = randn((6, 2), seeded(2)).mul(0.2).add(double([0.9, -1.2]))
    wanted = preference_with_mean(page.prior(data), page.rewards(), page.SCALE, points.mean(0))
    found = node("""const about = P.measured(given.points);
      return [about.mean, about.cov,
              P.withMean(given.table, given.centres, given.scale, about.mean)];""",
                 asked(data, points=points.flatten().tolist()))  # fmt: skip
    same(found[0], points.mean(0))
    same(found[1], points.T.cov(correction=0).flatten()[[0, 1, 3]])
    same(found[2], wanted)
    assert wanted.min() < 0  # outside the triangle


def test_the_overshoot(node) -> None:
    found = node("return [0.5, 2, 8].map(P.overshoot);")
    same(found, double([overshoot_of(kappa, "sde") for kappa in (0.5, 2.0, 8.0)]))


@pytest.mark.parametrize(("at", "wanted"), [
    ([0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]), ([0.0, 1.0], [1, 0, 0]), ([0.0, 5.0], [1, 0, 0]),
    ([0.0, -3.0], [0, 0.5, 0.5]), ([9.0, -2.0], [0, 0, 1]), ([0.2, 0.1], None),
])  # fmt: skip
def test_a_place_outside_is_the_nearest_of_the_triangle(node, at, wanted) -> None:
    found = node("const w = P.preference(given); return [w, P.place(w)];", at)
    if wanted:
        np.testing.assert_allclose(found[0], wanted, atol=1e-12)
    else:
        np.testing.assert_allclose(found[1], at, atol=1e-12)


def test_keys_move_and_stop_at_the_edge(node) -> None:
    moved = "return P.moved(given, 'ArrowUp', true) && ['Up', 'Down', 'Left', 'Right'].map(" \
            "(key) => P.place(P.moved(given, 'Arrow' + key, false)));"
    np.testing.assert_allclose(node(moved, [1 / 3] * 3),
                               [[0, 0.03], [0, -0.03], [-0.03, 0], [0.03, 0]], atol=1e-12)
    up = node("return ['ArrowUp', 'x'].map((key) => P.moved([1, 0, 0], key, true) ?? null);")
    np.testing.assert_allclose(up[0], [1, 0, 0], atol=1e-12)
    assert up[1] is None


@pytest.mark.parametrize(("w", "wanted"), [
    ([1 / 3] * 3, [34, 33, 33]), ([1.023, -0.017, -0.006], [102, -2, 0]),
    ([0.1, 0.1, 0.8], [10, 10, 80]), ([0.005, 0.005, 0.99], [1, 0, 99]),
])  # fmt: skip
def test_per_cents_add_up(node, w, wanted) -> None:
    found = node("return P.percents(given);", w)
    assert sum(found) == 100 and [x + 0 for x in found] == wanted
