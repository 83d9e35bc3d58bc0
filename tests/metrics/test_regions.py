"""Precision, recall and coverage: by hand on a line, by loops, and by counting ranks."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffusionbook.metrics import regions as neighbours
from diffusionbook.metrics.regions import coverage, precision_recall
from diffusionbook.randomness import randn, seeded
from exact import f64

grid = st.integers(-3, 3)  # few places, so that copies and ties are common


def sets(least: int):
    rows = st.lists(st.tuples(grid, grid), min_size=least, max_size=9)
    return st.tuples(rows, rows).map(lambda pair: [f64(rows) for rows in pair])


def line(*points: float) -> torch.Tensor:
    return f64(points)[:, None]


def radius(x: torch.Tensor, i: int, k: int) -> float:
    return sorted(math.dist(x[i], x[j]) for j in range(len(x)) if j != i)[k - 1]


def inside(point: torch.Tensor, x: torch.Tensor, k: int) -> bool:
    return any(math.dist(point, x[i]) <= radius(x, i, k) for i in range(len(x)))


def share(truths: list[bool]) -> float:
    return sum(truths) / len(truths)


@pytest.mark.equation("eq-precision-recall")
@pytest.mark.parametrize(("n", "m", "k"), [(4, 9, 3), (20, 15, 1), (15, 20, 2), (15, 20, 4)])
@pytest.mark.parametrize("block", [1, 50, 2**21])
def test_precision_and_recall_by_loops(n: int, m: int, k: int, block: int, monkeypatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", block)
    real, fake = randn((n, 3), seeded(0)), 0.5 + 0.7 * randn((m, 3), seeded(1))
    precision, recall = precision_recall(real, fake, k)
    assert float(precision) == pytest.approx(share([inside(z, real, k) for z in fake]), abs=1e-12)
    assert float(recall) == pytest.approx(share([inside(z, fake, k) for z in real]), abs=1e-12)


@pytest.mark.equation("eq-coverage")
@pytest.mark.parametrize(("n", "m", "k"), [(4, 9, 3), (20, 2, 1), (15, 20, 2), (15, 20, 5)])
@pytest.mark.parametrize("block", [1, 50, 2**21])
def test_coverage_by_loops(n: int, m: int, k: int, block: int, monkeypatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", block)
    real, fake = randn((n, 3), seeded(0)), 0.5 + 0.7 * randn((m, 3), seeded(1))
    covered = [any(math.dist(real[i], z) <= radius(real, i, k) for z in fake) for i in range(n)]
    assert float(coverage(real, fake, k)) == pytest.approx(share(covered), abs=1e-12)


@pytest.mark.equation("eq-precision-recall")
@pytest.mark.parametrize(
    ("k", "last", "precision"),
    [(1, 5.0, 1.0), (1, 5.01, 0.5), (2, 6.0, 1.0), (2, 6.01, 0.5)],
)
def test_the_radius_reaches_to_the_kth_other_point(k: int, last: float, precision: float) -> None:
    """Around 0, 1, 3 the balls end at 5 for k = 1 (radius 2) and at 6 for k = 2, ends included."""
    assert float(precision_recall(line(0, 1, 3), line(0.5, last, 0.6, last), k)[0]) == precision


@pytest.mark.equation("eq-coverage")
def test_each_real_point_is_covered_within_its_own_radius() -> None:
    """Around 0, 1, 3 the radii are 1, 1, 2 for k = 1, and 3, 2, 3 for k = 2."""
    real = line(0, 1, 3)
    assert float(coverage(real, line(5.0, 9.0), 1)) == pytest.approx(1 / 3)  # 3, on the rim
    assert float(coverage(real, line(-1.0, 9.0), 1)) == pytest.approx(1 / 3)  # 0, on the rim
    assert float(coverage(real, line(-1.0, 9.0), 2)) == pytest.approx(2 / 3)  # 0, and 1 on the rim
    assert float(coverage(real, line(-1.01, 9.0), 1)) == 0


@pytest.mark.equation("eq-precision-recall")
@pytest.mark.equation("eq-coverage")
def test_a_collapsed_model_is_precise_and_an_unsure_one_recalls() -> None:
    wide, narrow = torch.arange(20.0).double()[:, None], line(9.0, 9.1, 9.2, 9.3)
    collapsed, unsure = precision_recall(wide, narrow), precision_recall(narrow, wide)
    assert float(collapsed.precision) == 1
    assert float(collapsed.recall) == 1 / 20
    assert float(unsure.precision) == 1 / 20
    assert float(unsure.recall) == 1
    assert float(coverage(wide, narrow, 3)) == pytest.approx(5 / 20)  # from 7 to 11
    assert float(coverage(narrow, wide, 3)) == 1  # the copy of 9.0 is in each ball


@pytest.mark.equation("eq-coverage")
def test_of_two_clusters_one_is_covered() -> None:
    left, right = randn((30, 2), seeded(0)), randn((30, 2), seeded(1)) + f64([100, 0])
    fake = torch.cat([left.flip(0), f64([[1000, 0]])])
    assert float(coverage(torch.cat([left, right]), fake)) == 0.5
    # One ball around the outlier reaches both clusters: recall is fooled, coverage is not.
    assert float(precision_recall(torch.cat([left, right]), fake).recall) == 1


@pytest.mark.equation("eq-coverage")
@pytest.mark.parametrize(("n", "m", "k", "d"), [(12, 6, 3, 1), (6, 12, 3, 2), (9, 9, 5, 4)])
def test_coverage_of_two_draws_of_one_law(n, m, k, d, without_shape_checks) -> None:
    """A ball is empty if of the n + m - 1 other points the k nearest are all real."""
    runs, generator = 400, seeded(0)
    values = f64(
        [
            float(coverage(randn((n, d), generator), randn((m, d), generator), k))
            for _ in range(runs)
        ]
    )
    expected = 1 - math.comb(n - 1, k) / math.comb(n + m - 1, k)
    assert abs(values.mean() - expected) < 5 * values.std() / math.sqrt(runs)
    assert 5 * values.std() / math.sqrt(runs) < 0.09


@pytest.mark.equation("eq-precision-recall")
@pytest.mark.equation("eq-coverage")
@given(sets(4), st.randoms(use_true_random=False), st.integers(1, 3))
def test_order_place_and_size_do_not_matter(pair, random, k: int) -> None:
    """Moves that round nothing, on points with copies and ties."""
    real, fake = pair
    moved = [4 * z.flip(1) * f64([1, -1]) + f64([8, 64]) for z in pair]
    moved = [z[random.sample(range(len(z)), len(z))] for z in moved]
    assert precision_recall(*moved, k) == precision_recall(real, fake, k)
    assert precision_recall(fake, real, k) == precision_recall(real, fake, k)[::-1]
    assert coverage(*moved, k) == coverage(real, fake, k)
    precision = share([inside(z, real, k) for z in fake])
    assert float(precision_recall(real, fake, k).precision) == pytest.approx(precision, abs=1e-12)


@pytest.mark.equation("eq-precision-recall")
def test_copies_are_inside_though_a_ball_has_no_size() -> None:
    """Three times the same point: its balls have radius 0, and still hold it, far from 0 too."""
    place = 1e4 + randn((1, 64), seeded(0))
    same, elsewhere = place.repeat(4, 1), (place + 1e-9).repeat(4, 1)
    assert precision_recall(same, same) == (1, 1)
    assert precision_recall(same, elsewhere) == (0, 0)
    assert coverage(same, same, 3) == 1
    assert coverage(same, elsewhere, 3) == 0


def test_defaults_are_those_of_the_papers() -> None:
    real, fake = randn((40, 4), seeded(0)), 0.6 * randn((40, 4), seeded(1)) + 0.4
    assert precision_recall(real, fake) == precision_recall(real, fake, 3)
    assert precision_recall(real, fake) != precision_recall(real, fake, 2)
    assert precision_recall(real, fake) != precision_recall(real, fake, 4)
    assert coverage(real, fake) == coverage(real, fake, 5)
    assert coverage(real, fake) not in (coverage(real, fake, 4), coverage(real, fake, 6))


def test_shares_are_in_float64() -> None:
    x, y = randn((6, 2), seeded(0)).float(), randn((5, 2), seeded(1)).float()
    assert precision_recall(x, y) == precision_recall(x.double(), y.double())
    assert all(value.dtype == torch.float64 for value in precision_recall(x, y))
    assert coverage(x, y, 2).dtype == torch.float64


BAD = torch.zeros(4, 2)
BAD[1, 0] = math.nan


@pytest.mark.parametrize("metric", [precision_recall, coverage])
@pytest.mark.parametrize(
    ("real", "fake", "k", "message"),
    [
        (torch.zeros(4), torch.zeros(4, 2), 3, r"real must have shape \(n, d\).* shape \(4,\)"),
        (torch.zeros(1, 2), torch.zeros(4, 2), 1, "real must hold 2 or more rows; it holds 1"),
        (torch.zeros(4, 2), torch.zeros(1, 2), 1, "fake must hold 2 or more rows; it holds 1"),
        (torch.zeros(4, 2), torch.zeros(4, 3), 3, "number of features; real has 2, fake has 3"),
        (BAD, torch.zeros(4, 2), 3, "real must be finite"),
        (torch.zeros(4, 2), BAD, 3, "fake must be finite"),
        (torch.zeros(4, 2), torch.zeros(9, 2), 4, "k must lie in 1 … 3, as real has 4.*; it is 4"),
        (torch.zeros(4, 2), torch.zeros(9, 2), 0, "k must lie in 1 … 3, as real has 4.*; it is 0"),
    ],
)
def test_bad_input_is_refused(metric, real, fake, k, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        metric(real, fake, k)


def test_both_sets_must_be_large_enough_for_k() -> None:
    with pytest.raises(ValueError, match="k must lie in 1 … 2, as fake has 3 rows; it is 3"):
        precision_recall(torch.rand(9, 2), torch.rand(3, 2))
