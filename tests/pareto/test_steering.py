"""Steering by several objectives, against the definition; and a population that is evolved."""

import pytest
import torch
from models import TRIO
from moments import given

from diffusionbook.denoisers import AnalyticDenoiser
from diffusionbook.experiments.common.clouds import Metered
from diffusionbook.guidance import LinearReward, QuadraticReward, steer
from diffusionbook.pareto import (
    Balancing,
    Objective,
    Projecting,
    Tchebycheff,
    costs_of,
    min_norm,
    nsga2,
    pcgrad,
    room,
    squares,
    steer_by_rule,
    steer_by_sum,
    weighted_sum,
)
from diffusionbook.paths import Cosine
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import DDIM, grids, sample
from exact import f64, gradient

X, T, PATH = randn((6, 2), seeded(0)), 0.5, Cosine()
MODEL = AnalyticDenoiser(TRIO, PATH)
ONE, TWO = QuadraticReward(f64([1.0, 0.5]), 0.7), QuadraticReward(f64([-0.8, 0.2]), 0.9)
BOTH = [Objective("one", ONE), Objective("two", TWO)]
ALPHA, SIGMA = float(PATH.alpha(T)), float(PATH.sigma(T))
W = torch.rand(6, generator=seeded(1)).double()
W = torch.stack([W, 1 - W], 1)


def uphill(reward):
    """The gradient at x_t of the reward of the guess, which shares no code with the package."""
    return gradient(lambda x: reward(given(TRIO, ALPHA, SIGMA, x)[0]), X)


ROWS = torch.stack([uphill(ONE), uphill(TWO)], 1)


def moved(model) -> torch.Tensor:
    return model(X, T).score - MODEL(X, T).score


@pytest.mark.equation("eq-steer-many")
def test_a_weighted_sum_follows_the_weighted_gradients_each_sample_its_own() -> None:
    wanted = (W[..., None] * ROWS).sum(1)
    made = moved(steer_by_sum(MODEL, BOTH, W, weighted_sum, 1.5))
    assert (made - 1.5 * wanted).abs().max() < 1e-9


@pytest.mark.equation("eq-steer-many")
def test_rules_see_whole_gradients_of_every_sample() -> None:
    for rule, wanted in ((Projecting(), pcgrad(W[..., None] * ROWS)),
                         (Balancing(), min_norm(ROWS).direction)):
        assert (moved(steer_by_rule(MODEL, BOTH, W, rule, 0.7)) - 0.7 * wanted).abs().max() < 1e-9


def test_tchebycheff_pulls_by_the_objective_that_is_most_behind() -> None:
    way = Tchebycheff(f64([0.0, 0.0]))
    guess = MODEL(X, T).x0
    behind = W * torch.stack([-ONE(guess), -TWO(guess)], 1)
    worst = behind.argmax(1)
    each = torch.arange(6)
    wanted = W[each, worst, None] * ROWS[each, worst]
    assert (moved(steer_by_sum(MODEL, BOTH, W, way)) - wanted).abs().max() < 1e-9
    assert 0 < int(worst.sum()) < 6


def test_one_objective_is_steering_whatever_the_rule() -> None:
    wanted, alone = steer(MODEL, ONE)(X, T).score, f64([1.0])
    for made in (steer_by_sum(MODEL, BOTH[:1], alone, weighted_sum),
                 steer_by_rule(MODEL, BOTH[:1], alone, Projecting()),
                 steer_by_rule(MODEL, BOTH[:1], alone, Balancing()),
                 steer_by_rule(MODEL, BOTH, f64([1.0, 0.0]), Balancing()),
                 steer_by_rule(MODEL, BOTH, f64([1.0, 0.0]), Projecting())):
        assert (made(X, T).score - wanted).abs().max() < 1e-9


def test_directions_and_units() -> None:
    less = [Objective("one", lambda x: -ONE(x), "less", 2.0), Objective("two", lambda x: -TWO(x),
                                                                        "less", 0.5)]
    more = [Objective("one", ONE, unit=2.0), Objective("two", TWO, unit=0.5)]
    wanted = (W[..., None] * ROWS * f64([0.5, 2.0])[:, None]).sum(1)
    for objectives in (less, more):
        assert (moved(steer_by_sum(MODEL, objectives, W, weighted_sum)) - wanted).abs().max() < 1e-9
    assert torch.equal(costs_of(less)(X), costs_of(more)(X))


def test_the_price_in_gradients() -> None:
    for made, price in ((steer_by_sum, weighted_sum), 1), ((steer_by_rule, Projecting()), 2):
        wrapper, way = made
        model = Metered(MODEL)
        wrapper(model, BOTH, W, way)(X, T)
        assert (model.evaluations, model.gradients) == (6, 6 * price)


def test_it_runs_with_a_sampler_and_does_what_is_wanted() -> None:
    noise, grid = randn((200, 2), seeded(2)), grids.uniform(40, t_max=0.998)
    for wrapper, way in ((steer_by_sum, weighted_sum), (steer_by_rule, Projecting()),
                         (steer_by_rule, Balancing())):
        with torch.no_grad():
            ends = [sample(DDIM(), wrapper(MODEL, BOTH, f64(w), way, 2.0), noise, grid)
                    for w in ([1.0, 0.0], [0.0, 1.0])]
        assert float(ONE(ends[0]).mean()) > float(ONE(ends[1]).mean()) + 0.5
        assert float(TWO(ends[1]).mean()) > float(TWO(ends[0]).mean()) + 0.5


@pytest.mark.parametrize(("call", "says"), [
    (lambda: costs_of([]), "objectives must be at least one"),
    (lambda: costs_of([Objective("ink", ONE), Objective("error", TWO, "less")]),
     "objectives must be of one direction.*ink: more, error: less"),
    (lambda: Objective("ink", ONE, "most"), "better must be 'more' or 'less'"),
    (lambda: Objective("ink", ONE, unit=0.0), "unit must be positive"),
    (lambda: steer_by_sum(MODEL, BOTH, f64([1.0]), weighted_sum), "preferences must have shape"),
    (lambda: steer_by_rule(MODEL, BOTH, f64([0.9, 0.9]), Projecting()), "preferences must add up"),
    (lambda: steer_by_rule(MODEL, BOTH, W[:4], Projecting())(X, T), "preferences must have shape"),
    (lambda: steer_by_rule(MODEL, BOTH, W, Projecting(), float("nan")), "scale must be finite"),
    (lambda: steer_by_sum(MODEL, [Objective("cut", lambda x: LinearReward(f64([1.0, 0.0]))(
        x.detach()))], f64([1.0]), weighted_sum)(X, T), "reward must lead back"),
    (lambda: nsga2(squares, torch.ones(3), 1, None), "start must have shape"),
    (lambda: nsga2(squares, torch.ones(3, 1), 0, None), "generations must be at least 1"),
    (lambda: room(f64([1.0])), "costs must have shape"),
])
def test_what_cannot_be_meant_is_refused(call, says: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def test_a_population_comes_to_the_front_and_spreads() -> None:
    start = 3 + randn((40, 1), seeded(3))
    found = nsga2(lambda x: squares(x[:, 0]), start, 40, seeded(4))
    assert bool(((found > -0.02) & (found < 1.02)).all())
    gaps = found[:, 0].sort().values.diff()
    assert float(gaps.max()) < 0.1 and float(found.max() - found.min()) > 0.9


def fitness(costs) -> list[int]:
    """Rows from the best to the worst: by rank, then by room, then as they came."""
    rows, left, rank = costs.tolist(), set(range(len(costs))), {}
    while left:
        front = {i for i in left if not any(
            all(a <= b for a, b in zip(rows[j], rows[i], strict=True)) and rows[j] != rows[i]
            for j in left)}
        rank |= dict.fromkeys(front, len(set(rank.values())))
        left -= front
    wide = [0.0] * len(rows)
    for level in set(rank.values()):
        for k in range(costs.shape[1]):
            own = sorted((i for i in rank if rank[i] == level), key=lambda i: rows[i][k])
            span = rows[own[-1]][k] - rows[own[0]][k]
            wide[own[0]] = wide[own[-1]] = float("inf")
            for low, i, high in zip(own, own[1:], own[2:], strict=False):
                wide[i] += (rows[high][k] - rows[low][k]) / span
    return sorted(rank, key=lambda i: (rank[i], -wide[i], i))


def test_one_generation_by_hand() -> None:
    """The same draws: two lists of duels, where on the parents' line, and the noise."""
    def costs(x):
        return torch.stack([x.square().sum(1), (x - 1).square().sum(1)], 1)

    n, start, draws = 14, randn((14, 2), seeded(5)), seeded(6)
    best = fitness(costs(start))
    parents = []
    for _ in range(2):
        duels = torch.randint(n, (n, 2), generator=draws).tolist()
        parents.append(start[[min(duel, key=best.index) for duel in duels]])
    beyond = 2 * torch.rand((n, 1), generator=draws).double() - 0.5
    assert -0.5 <= float(beyond.min()) < 0 and 1 < float(beyond.max()) <= 1.5
    child = parents[1] + beyond * (parents[0] - parents[1]) + 0.2 * randn((n, 2), draws)
    both = torch.cat([start, child])
    wanted = both[fitness(costs(both))[:n]]
    assert torch.allclose(nsga2(costs, start, 1, seeded(6)), wanted)


def test_the_orders_of_projecting_come_from_its_generator() -> None:
    g, w = randn((50, 4, 3), seeded(7)), torch.full((50, 4), 0.25).double()
    assert torch.equal(Projecting(seeded(8))(g, w), pcgrad(g / 4, seeded(8)))
    assert not torch.equal(Projecting(seeded(8))(g, w), Projecting()(g, w))


def test_mgda_leaves_out_whoever_has_no_weight_in_each_place_alone() -> None:
    g, w = randn((3, 3, 4), seeded(9)), f64([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.0, 0.0, 1.0]])
    found = Balancing()(g, w)
    assert torch.allclose(found[0], min_norm(g[0, 1:]).direction)
    assert torch.allclose(found[1], min_norm(g[1, ::2]).direction)
    assert torch.allclose(found[2], g[2, 2])


def test_room_is_what_the_neighbours_leave() -> None:
    costs = f64([[0.0, 4.0], [1.0, 2.0], [3.0, 1.0], [4.0, 0.0]])
    assert room(costs).tolist() == pytest.approx(
        [float("inf"), 3 / 4 + 3 / 4, 3 / 4 + 2 / 4, float("inf")])
    alike = f64([[0.0, 1.0], [2.0, 1.0], [3.0, 1.0]])  # no room in the second, and no 0 / 0
    assert float(room(alike[:, :1])[1]) == 1 and not bool(room(alike).isnan().any())
