"""The kernel distance by double loop and by enumeration, label accuracy, and bad sets."""

import itertools
import math
import statistics

import pytest
import torch

from diffusionbook.metrics import images as image_metrics
from diffusionbook.metrics.images import frechet, frechet_moments, kid, label_accuracy
from diffusionbook.randomness import randn, seeded
from exact import f64


def kernel(a, b) -> float:
    return (sum(float(p) * float(q) for p, q in zip(a, b, strict=True)) / len(a) + 1) ** 3


@pytest.mark.equation("eq-kid")
@pytest.mark.parametrize(("n", "m", "d"), [(2, 2, 1), (5, 8, 3), (8, 5, 3)])
@pytest.mark.parametrize("block", [1, 17, 2**21])
def test_kid_by_double_loop(n: int, m: int, d: int, block: int, monkeypatch) -> None:
    monkeypatch.setattr(image_metrics, "BLOCK", block)
    x, y = randn((n, d), seeded(0)), randn((m, d), seeded(1)) + 0.5
    same_x = [kernel(x[i], x[j]) for i in range(n) for j in range(n) if i != j]
    same_y = [kernel(y[i], y[j]) for i in range(m) for j in range(m) if i != j]
    cross = [kernel(a, b) for a in x for b in y]
    expected = statistics.mean(same_x) + statistics.mean(same_y) - 2 * statistics.mean(cross)
    assert float(kid(x, y)) == pytest.approx(expected, abs=1e-11)
    assert float(kid(y, x)) == pytest.approx(expected, abs=1e-11)
    assert float(kid(x.flip(0), y)) == pytest.approx(expected, abs=1e-11)


def draws(law: torch.Tensor, n: int) -> list[torch.Tensor]:
    """Each of the equally likely samples of n from the uniform law on the rows."""
    return [law[list(rows)] for rows in itertools.product(range(len(law)), repeat=n)]


def mean_kid(p: torch.Tensor, q: torch.Tensor, n: int, m: int) -> tuple[float, float]:
    """Its expectation over all draws of n from p and m from q, and its least value."""
    values = [float(kid(x, y)) for x in draws(p, n) for y in draws(q, m)]
    return statistics.mean(values), min(values)


P = f64([[0, 0], [1, -1], [2, 0.5]])
Q = f64([[0, 1], [-1, 1.5]])


@pytest.mark.equation("eq-kid")
@pytest.mark.parametrize(("n", "m"), [(2, 2), (2, 3), (3, 2)])
def test_kid_is_unbiased(n: int, m: int, without_shape_checks) -> None:
    """On average over all draws it is the discrepancy of the laws, at any sample size."""
    mean = {
        (i, j): statistics.mean(kernel(a, b) for a in u for b in v)
        for (i, u), (j, v) in itertools.product(enumerate((P, Q)), repeat=2)
    }
    expected = mean[0, 0] + mean[1, 1] - 2 * mean[0, 1]
    assert expected > 1
    assert mean_kid(P, Q, n, m)[0] == pytest.approx(expected, abs=1e-10)
    average, least = mean_kid(P, P, n, m)
    assert average == pytest.approx(0, abs=1e-10)
    assert least < -0.1


@pytest.mark.equation("eq-kid")
@pytest.mark.parametrize("each", [1, 2, 5])
def test_a_set_with_equally_many_of_each_class_scores_below_zero(each: int) -> None:
    """Two classes of one point each: over all draws of the other set the mean is known."""
    points = f64([[0.0], [2.0]])
    balanced, n = points.repeat(each, 1), 2 * each
    found = [float(kid(balanced, points[list(rows)]))
             for rows in itertools.product((0, 1), repeat=4)]
    alike = (kernel(points[0], points[0]) + kernel(points[1], points[1])) / 2
    more = alike - kernel(points[0], points[1])
    assert statistics.mean(found) == pytest.approx(-0.5 / (n - 1) * more, abs=1e-11)


@pytest.mark.equation("eq-kid")
def test_kid_sees_three_moments(without_shape_checks) -> None:
    """Coins of -1, 1 and a law on -√2, 0, √2 part at the fourth; a skewed law at the third."""
    coin, root = f64([[-1], [1]]), math.sqrt(2)
    assert mean_kid(coin, f64([[-root], [0], [0], [root]]), 2, 2)[0] == pytest.approx(0, abs=1e-10)
    skewed = f64([[-root / 2], [-root / 2], [root]])  # mean 0, variance 1, third moment root / 2
    assert mean_kid(coin, skewed, 2, 2)[0] == pytest.approx(0.5, abs=1e-10)


def test_accuracy_counts_the_largest_logit() -> None:
    logits = f64([[0, 3, 1], [-1, -3, -2], [5, 5.1, 5.2], [2, 0, 1]])
    assert float(label_accuracy(logits, torch.tensor([1, 0, 2, 0]))) == 1
    assert float(label_accuracy(logits, torch.tensor([1, 1, 2, 2]))) == 0.5
    assert float(label_accuracy(logits, torch.tensor([0, 1, 0, 2]))) == 0
    assert float(label_accuracy(logits, torch.tensor([1, 1, 1, 1]))) == 0.25


def test_numbers_are_computed_in_float64() -> None:
    x, y = randn((6, 2), seeded(0)).float(), 100 + randn((5, 2), seeded(1)).float()
    for metric in (frechet, kid):
        assert metric(x, y).dtype == torch.float64
        assert metric(x, y) == metric(x.double(), y.double())
    moments = x.mean(0), x.T.cov(), y.mean(0), y.T.cov()
    assert frechet_moments(*moments).dtype == torch.float64
    assert frechet_moments(*moments) == frechet_moments(*(z.double() for z in moments))
    assert label_accuracy(x, torch.zeros(6, dtype=torch.long)).dtype == torch.float64


BAD = torch.zeros(4, 2)
BAD[1, 0] = math.nan


@pytest.mark.parametrize("metric", [frechet, kid])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (torch.zeros(4), torch.zeros(4, 2), r"x must have shape \(n, d\).* has shape \(4,\)"),
        (torch.zeros(4, 2), torch.zeros(4, 1, 2), r"y must have shape \(n, d\)"),
        (torch.zeros(4, 0), torch.zeros(4, 0), r"x must have shape .* has shape \(4, 0\)"),
        (torch.zeros(1, 2), torch.zeros(4, 2), "x must hold 2 or more rows; it holds 1"),
        (torch.zeros(4, 2), torch.zeros(1, 2), "y must hold 2 or more rows; it holds 1"),
        (torch.zeros(4, 2), torch.zeros(4, 3), "number of features; x has 2, y has 3"),
        (BAD, torch.zeros(4, 2), "x must be finite"),
        (torch.zeros(4, 2), BAD, "y must be finite"),
        (torch.zeros(4, 2), torch.full((4, 2), -math.inf), "y must be finite"),
    ],
)
def test_bad_sets_are_refused(metric, x, y, message: str, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        metric(x, y)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (torch.zeros(3), torch.zeros(3).long(), r"logits must have shape .* has shape \(3,\)"),
        (torch.zeros(0, 2), torch.zeros(0).long(), "logits must hold 1 or more rows; it holds 0"),
        (BAD, torch.zeros(4).long(), "logits must be finite"),
        (torch.zeros(3, 2), torch.zeros(4).long(), r"labels must have shape \(3,\).*\(4,\)"),
        (torch.zeros(2, 2), torch.tensor([0, 2]), r"labels must lie in 0 … 1; they span 0 … 2"),
        (torch.zeros(2, 2), torch.tensor([-1, 1]), r"must lie in 0 … 1; they span -1 … 1"),
    ],
)
def test_bad_logits_and_labels_are_refused(logits, labels, message, without_shape_checks) -> None:
    with pytest.raises(ValueError, match=message):
        label_accuracy(logits, labels)
