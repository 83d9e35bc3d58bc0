"""The page's transport against the package's, part by part."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from diffusionbook.page import transport
from diffusionbook.page.transport import PRESETS, Shape
from diffusionbook.randomness import randn, seeded
from diffusionbook.transport import optimal as ot

PAIRS = [*PRESETS.values(), (Shape(0.3, -1.2, -70, 1.4, 0.15), Shape(-1, 0.5, 155, 0.4, 1.1))]
EPSILONS = (0.05, 0.5, 50.0)


def told(shape: Shape) -> dict:
    return asdict(shape)


def double(numbers):
    return torch.tensor(numbers, dtype=torch.float64)


def same(found, wanted, tolerance=1e-9) -> None:
    wanted = torch.as_tensor(wanted, dtype=torch.float64)
    assert (double(found).reshape(wanted.shape) - wanted).abs().max() <= tolerance


def clouds(n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return randn((n, 2), seeded(seed)), randn((n, 2), seeded(seed + 1)) + 0.5


def flat(*points) -> list[list[float]]:
    return [x.flatten().tolist() for x in points]


@pytest.mark.parametrize("pair", PAIRS)
def test_map_and_cost_are_those_of_bures(node, pair) -> None:
    a, b = (shape.covariance() for shape in pair)
    found = node("""const [a, b] = given.map(T.covariance);
        return { a, map: T.map(a, b), cost: T.cost(a, b), shift: T.shift(...given) };""",
                 [told(shape) for shape in pair])
    same(found["a"], a)
    same(found["map"], ot.bures_map(a, b))
    same(found["cost"], ot.bures_cost(a, b))
    same(found["shift"], (pair[0].centre() - pair[1].centre()).square().sum())


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("pair", PAIRS)
def test_the_entropic_plan_between_gaussians(node, pair, epsilon) -> None:
    a, b = (shape.covariance() for shape in pair)
    cross = ot.entropic_cross(a, b, epsilon)
    found = node("""const [a, b] = given.pair.map(T.covariance), e = given.epsilon;
        return [T.cross(a, b, e), T.entropicCost(a, b, e), T.meanMap(a, b, e)];""",
                 {"pair": [told(shape) for shape in pair], "epsilon": epsilon})
    same(found[0], cross)
    same(found[1], (a + b - 2 * cross).trace())
    same(found[2], torch.linalg.solve(a, cross).T)


def test_the_mean_map_falls_from_the_exact_one_to_a_point(node) -> None:
    a, b = PRESETS["Thin, at 30°"]
    found = node("""const [a, b] = given.map(T.covariance);
        return [1e-6, 1e6].map((epsilon) => T.meanMap(a, b, epsilon));""", [told(a), told(b)])
    same(found[0], ot.bures_map(a.covariance(), b.covariance()), 1e-4)
    same(found[1], torch.zeros(2, 2), 1e-5)


def test_points_move_with_their_gaussian(node) -> None:
    shape, other, x = Shape(0.4, -1, 33, 1.1, 0.3), Shape(1, 1, 0, 1, 1), transport.standard(8, 0)
    found = node("""const x = T.placed(given.shape, given.x);
        return [x, T.sent([1, 2, 3, 4], given.shape, given.other, x)];""",
                 {"shape": told(shape), "other": told(other), "x": flat(x)[0]})
    same(found[0], shape.placed(x))
    away = shape.placed(x) - shape.centre()
    same(found[1], other.centre() + away @ double([[1, 2], [3, 4]]).T)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_sinkhorns_plan_is_the_packages(node, epsilon) -> None:
    found = transport.plans(*PRESETS["Thin, at 30°"], 1, 1)
    x, y = found.starts, found.ends
    wanted = ot.sinkhorn(ot.squared_distances(x, y), epsilon)
    found = node("""const [x, y] = given.points.map((p) => Float64Array.from(p));
        return await T.sinkhorn(T.squares(x, y), given.epsilon, { tolerance: 1e-9 });""",
                 {"points": flat(x, y), "epsilon": epsilon})
    same(found["plan"], wanted.plan, 1e-8)
    same(found["value"], wanted.value, 1e-6)
    same(found["cost"], (wanted.plan * ot.squared_distances(x, y)).sum(), 1e-6)
    assert found["iterations"] == wanted.iterations and found["error"] < 1e-9
    as_on_the_page = node("""const [x, y] = given.points.map((p) => Float64Array.from(p));
        return (await T.sinkhorn(T.squares(x, y), given.epsilon)).cost;""",
                          {"points": flat(x, y), "epsilon": epsilon})
    same(as_on_the_page, found["cost"], 1e-4)


def test_sinkhorn_hands_out_no_unfinished_plan(node) -> None:
    given = flat(*clouds(16))
    assert "rows are off" in node("""const [x, y] = given.map((p) => Float64Array.from(p));
        return await T.sinkhorn(T.squares(x, y), 0.03, { most: 3 }).catch((e) => e.message);""",
                                  given)
    assert node("""const [x, y] = given.map((p) => Float64Array.from(p));
        return await T.sinkhorn(T.squares(x, y), 0.03, { rest: async () => true });""",
                given) is None


@pytest.mark.parametrize("n", [1, 2, 3, 7, 32, 64])
def test_the_assignment_costs_what_scipys_does(node, n) -> None:
    costs = [np.random.default_rng(k).normal(size=(n, n)) for k in range(20)]
    costs.append(np.ones((n, n)))  # all are equally good
    found = node("""return given.map((cost) => T.assignment(Float64Array.from(cost)));""",
                 [cost.flatten().tolist() for cost in costs])
    for cost, match in zip(costs, found, strict=True):
        assert sorted(match) == list(range(n))
        assert cost[range(n), match].sum() == pytest.approx(
            cost[linear_sum_assignment(cost)].sum(), abs=1e-9)


@pytest.mark.parametrize("size", [1, 4, 5, 12])
def test_batches_are_paired_each_on_its_own(node, size) -> None:
    x, y = clouds(12)
    squares = ot.squared_distances(x, y)
    match, cost = node("""const [x, y] = given.points.map((p) => Float64Array.from(p));
        const match = T.inGroups(x, y, given.size);
        return [match, T.paired(T.squares(x, y), match)];""", {"points": flat(x, y), "size": size})
    first, second = ot.in_groups(ot.cheapest, size)(x, y)
    same(cost, (first - second).square().sum(1).mean())
    assert [j // size for j in match] == [i // size for i in range(12)]
    same(cost, squares[range(12), match].mean())


def test_no_task_of_the_page_is_long(node) -> None:
    """The longest piece that does not rest: the pairs of 64 points, as much as there may be."""
    took = node("""const [x, y] = given.map((p) => Float64Array.from(p)), cost = T.squares(x, y);
        T.assignment(cost);
        const began = performance.now();
        T.assignment(cost);
        return performance.now() - began;""", flat(*clouds(64)))
    assert took < 100


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("preset", PRESETS)
def test_the_whole_page_adds_up_to_the_packages_plans(node, preset, epsilon) -> None:
    a, b = PRESETS[preset]
    wanted = transport.plans(a, b, epsilon, 4)
    n = transport.POINTS
    found = node("""const [x, y] = given.pair.map((g, k) =>
            T.placed(g, Float64Array.from(given.points[k])));
        const cost = T.squares(x, y), soft = await T.sinkhorn(cost, given.epsilon);
        return [soft.cost, T.paired(cost, T.assignment(cost)), T.paired(cost, T.inGroups(x, y, 4)),
                soft.iterations];""",
                 {"pair": [told(a), told(b)], "epsilon": epsilon,
                  "points": flat(*(transport.standard(n, seed) for seed in transport.SEEDS))})
    same(found[0], wanted.entropic_of_points, 1e-4)
    same(found[1], wanted.least_of_points)
    same(found[2], wanted.batched)
    assert found[3] < 5_000
