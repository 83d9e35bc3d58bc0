"""Nearest neighbours by brute force; copies, fresh data and everything between them."""

import itertools
import math

import pytest
import torch
from scipy.stats import mannwhitneyu

from diffusionbook.metrics import memorisation
from diffusionbook.metrics.memorisation import data_copying, memorised, nearest, nearest_ratio
from diffusionbook.randomness import randn, seeded
from exact import f64


def line(*points: float) -> torch.Tensor:
    return f64(points)[:, None]


@pytest.fixture(params=[(1, 1), (3, 4), (1024, 2048)])
def tile(request, monkeypatch) -> None:
    monkeypatch.setattr(memorisation, "TILE", request.param)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (7, 1), (1, 9), (10, 13), (12, 8)])
def test_nearest_by_brute_force(n: int, m: int, tile) -> None:
    samples, data = randn((n, 5), seeded(0)), randn((m, 5), seeded(1))
    found = nearest(samples, data)
    assert found.distance.shape == found.index.shape == (n,)
    for i in range(n):
        each = [math.dist(samples[i], row) for row in data]
        assert float(found.distance[i]) == pytest.approx(min(each), abs=1e-12)
        assert int(found.index[i]) == each.index(min(each))


def test_the_nearest_is_found_far_from_zero(tile) -> None:
    """In float32, |x|² - 2 x·y + |y|² has no digits left for these."""
    data = (1000 + 0.01 * randn((40, 64), seeded(0))).float()
    samples = (data[[3, 30, 17]].double() + 1e-3 * randn((3, 64), seeded(1))).float()
    found = nearest(samples, data)
    assert found.index.tolist() == [3, 30, 17]
    expected = [math.dist(a, b) for a, b in zip(samples, data[[3, 30, 17]], strict=True)]
    assert found.distance.tolist() == pytest.approx(expected, rel=1e-9)
    assert found.distance.dtype == torch.float64


def test_a_copy_is_at_no_distance(tile) -> None:
    data = randn((20, 300), seeded(0)).float() + 5
    rows = torch.tensor([4, 19, 0, 4])
    found = nearest(data[rows], data)
    assert found.distance.tolist() == [0, 0, 0, 0]
    assert found.index.equal(rows)


def test_the_ratio_is_of_the_two_nearest(tile) -> None:
    train = line(0, 10, 100, 12)
    samples = line(1, 5, 11, 4, 10)
    expected = f64([1 / 9, 1, 1, 4 / 6, 0])
    assert (nearest_ratio(samples, train) - expected).abs().max() < 1e-12
    # From copies on a line to the middle of two: x / (10 - x), whatever the unit.
    x = torch.linspace(0, 5, 11).double()[:, None]
    assert (nearest_ratio(3 * x, 3 * train) - (x / (10 - x))[:, 0]).abs().max() < 1e-12


def test_the_ratio_by_brute_force(tile) -> None:
    samples, train = randn((9, 4), seeded(0)), randn((14, 4), seeded(1))
    for i, value in enumerate(nearest_ratio(samples, train)):
        first, second = sorted(math.dist(samples[i], row) for row in train)[:2]
        assert float(value) == pytest.approx(first / second, abs=1e-12)


def test_the_ratio_is_at_most_one() -> None:
    """Far from zero, a matrix product cannot tell which of two all but equal distances is less."""
    step = torch.eye(64).double()
    train = 1e4 + torch.cat([step, -(1 + 1e-10) * step])
    ratios = nearest_ratio(train.mean(0) + 1e-9 * randn((50, 64), seeded(0)), train)
    assert (ratios <= 1).all()
    assert ratios.min() > 1 - 1e-6


def test_samples_within_a_third_are_memorised() -> None:
    train = line(0, 10)
    assert float(memorised(line(2.4, 2.6, 5.0, 7.6), train)) == 0.5  # a third is at 2.5 and 7.5
    assert float(memorised(line(2.4, 2.6, 5.0, 7.6), train, threshold=0.1)) == 0
    assert float(memorised(line(2.4, 2.6, 5.0, 7.6), train, threshold=1.0)) == 0.75
    assert float(memorised(line(3.0), line(0, 12))) == 0  # 3 / 9: on the line is not below it


def test_copies_are_memorised_and_fresh_data_are_not() -> None:
    """In many dimensions all fresh points are about equally far: the floor is 0."""
    train, fresh = randn((300, 50), seeded(0)), randn((40, 50), seeded(1))
    copies = train[:60] + 0.05 * randn((60, 50), seeded(2))
    assert float(memorised(fresh, train)) == 0
    assert float(memorised(copies, train)) == 1
    assert float(memorised(torch.cat([fresh, copies]), train)) == 0.6


def test_copies_of_what_is_there_twice_are_not_seen() -> None:
    """The blind spot that the docstring tells of."""
    train = line(0, 0, 10)
    assert nearest_ratio(line(0), train).isnan().all()
    assert float(memorised(line(0, 0.1), train)) == 0


@pytest.mark.equation("eq-data-copying")
def test_copying_by_double_loop() -> None:
    samples, train, held_out = (randn((n, 2), seeded(n)).round() for n in (9, 6, 13))
    ours, theirs = (
        [min(math.dist(x, row) for row in train) for x in z] for z in (samples, held_out)
    )
    wins = [(a < b) + (a == b) / 2 for a in ours for b in theirs]
    assert 0.5 in wins  # on a grid there are ties
    value = float(data_copying(samples, train, held_out))
    assert value == pytest.approx(sum(wins) / len(wins), abs=1e-12)
    statistic = mannwhitneyu(theirs, ours).statistic
    assert value == pytest.approx(statistic / (9 * 13), abs=1e-12)
    assert float(data_copying(held_out, train, samples)) == pytest.approx(1 - value, abs=1e-12)


def test_copying_has_two_ends_and_a_middle() -> None:
    train, fresh = randn((50, 8), seeded(0)), randn((20, 8), seeded(1))
    assert float(data_copying(train[:10] + 1e-3, train, fresh)) == 1
    assert float(data_copying(train[:10] + 100, train, fresh)) == 0
    assert float(data_copying(fresh.flip(0), train, fresh)) == 0.5


@pytest.mark.parametrize(("n", "h"), [(2, 4), (3, 3), (4, 2)])
def test_of_fresh_data_half_are_nearer(n: int, h: int, without_shape_checks) -> None:
    """Samples of held-out data's law: each split of the pool is as likely, so count them all."""
    train, pool = randn((10, 3), seeded(0)), randn((n + h, 3), seeded(1))
    values = []
    for rows in itertools.combinations(range(n + h), n):
        rest = [i for i in range(n + h) if i not in rows]
        values.append(float(data_copying(pool[list(rows)], train, pool[rest])))
    values = f64(values)
    assert float(values.mean()) == pytest.approx(0.5, abs=1e-12)
    assert float(values.var(correction=0)) == pytest.approx((n + h + 1) / (12 * n * h), abs=1e-12)


BAD = torch.full((4, 2), math.inf)


@pytest.mark.parametrize("metric", [nearest, nearest_ratio, memorised])
@pytest.mark.parametrize(
    ("samples", "data", "message"),
    [
        (torch.zeros(4, 1, 2), torch.zeros(4, 2), r"samples must have shape \(n, d\)"),
        (torch.zeros(4, 2), torch.zeros(4), r" must have shape \(n, d\).* shape \(4,\)"),
        (torch.zeros(0, 2), torch.zeros(4, 2), "samples must hold 1 or more rows; it holds 0"),
        (torch.zeros(4, 2), torch.zeros(0, 2), "must hold 1 or more rows; it holds 0"),
        (torch.zeros(4, 2), torch.zeros(4, 3), "samples has 2, (data|train) has 3"),
        (BAD, torch.zeros(4, 2), "samples must be finite"),
        (torch.zeros(4, 2), BAD, "(data|train) must be finite"),
    ],
)
def test_bad_sets_are_refused(metric, samples, data, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        metric(samples, data)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: nearest_ratio(x, x[:1]), "train must hold 2 or more rows; it holds 1"),
        (lambda x: memorised(x, x, threshold=0.0), r"threshold must lie in \(0, 1\]; it is 0.0"),
        (lambda x: memorised(x, x, threshold=1.1), r"threshold must lie in \(0, 1\]; it is 1.1"),
        (lambda x: memorised(x, x, threshold=math.nan), r"threshold .* it is nan"),
        (lambda x: data_copying(x[:0], x, x), "samples must hold 1 or more rows"),
        (lambda x: data_copying(x, x, x[:, :1]), "held_out has 1"),
        (lambda x: data_copying(x, x, x / 0), "held_out must be finite"),
    ],
)
def test_bad_arguments_are_refused(call, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        call(torch.zeros(4, 2))
