"""Maps, costs and barycentres between Gaussians."""

import math

import pytest
import torch

from diffusionbook.randomness import randn, seeded
from diffusionbook.transport.optimal.gaussians import barycentre, bures_cost, bures_map, root
from exact import f64

pytestmark = pytest.mark.usefixtures("without_shape_checks")
A, B = f64([[1.0, 0.3], [0.3, 0.5]]), f64([[0.6, -0.35], [-0.35, 1.4]])
EYE = torch.eye(2, dtype=torch.float64)
SKEW = f64([[1.0, 0.5], [0.0, 1.0]])


def cost_of(m):
    """E|x − m x|² for x from N(0, A)."""
    return float(((EYE - m) @ A @ (EYE - m).mT).trace())


@pytest.mark.equation("eq-bures-map")
@pytest.mark.equation("eq-bures")
def test_the_map_is_symmetric_positive_arrives_and_costs_the_least() -> None:
    t = bures_map(A, B)
    assert (t @ A @ t - B).abs().max() < 1e-12 and (t - t.mT).abs().max() < 1e-12
    assert float(torch.linalg.eigvalsh(t)[0]) > 0
    assert cost_of(t) == pytest.approx(bures_cost(A, B), abs=1e-12)
    for angle in torch.linspace(-3, 3, 25).double():  # every other linear map that arrives
        c, s = float(angle.cos()), float(angle.sin())
        turned = root("B", B) @ f64([[c, -s], [s, c]]) @ torch.linalg.inv(root("A", A))
        assert (turned @ A @ turned.mT - B).abs().max() < 1e-12
        assert cost_of(turned) >= bures_cost(A, B) - 1e-12


@pytest.mark.equation("eq-bures")
def test_where_covariances_commute_roots_are_subtracted() -> None:
    flat = torch.diag(f64([1.0, 0.1]))
    assert bures_cost(flat, 4 * flat) == pytest.approx(1.1)
    assert bures_cost(A, A) == pytest.approx(0, abs=1e-12)
    assert bures_cost(A, B) == pytest.approx(bures_cost(B, A))


@pytest.mark.equation("eq-barycentre")
def test_a_barycentre_is_nearer_than_its_neighbours() -> None:
    shares = f64([0.3, 0.7])
    found = barycentre(torch.stack([A, B]), shares)

    def far(s):
        return float(shares @ f64([bures_cost(s, A), bures_cost(s, B)]))

    for k in range(10):
        nudge = 0.02 * randn((2, 2), seeded(k))
        assert far(found + nudge + nudge.mT) > far(found)
    t = bures_map(A, B)  # on the way from A to B, 0.7 of it
    way = 0.3 * EYE + 0.7 * t
    assert (found - way @ A @ way).abs().max() < 1e-9


@pytest.mark.equation("eq-benamou-brenier")
def test_the_straight_way_of_the_map_spends_the_squared_distance() -> None:
    """∫ E|v|² dt of x → ((1 − t) I + t T) x, by 400 midpoints."""
    t_map, spent = bures_map(A, B), []
    for t in (torch.arange(400).double() + 0.5) / 400:
        now = (1 - t) * EYE + t * t_map
        v = (t_map - EYE) @ torch.linalg.inv(now)
        spent.append(float((v @ now @ A @ now @ v.mT).trace()))
    assert sum(spent) / 400 == pytest.approx(bures_cost(A, B), abs=1e-12)


def test_a_barycentre_that_still_moves_is_not_returned() -> None:
    with pytest.raises(RuntimeError, match="most: after 1 iterations"):
        barycentre(torch.stack([A, B]), most=1)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: bures_map(SKEW, B), "a must be symmetric"),
    (lambda: bures_map(A, -B), "b must be positive definite"),
    (lambda: bures_cost(A, B[:1, :1]), r"b must have the shape of a, \(2, 2\)"),
    (lambda: bures_cost(A * math.nan, B), "a must be finite"),
    (lambda: root("a", A[0]), r"a must have shape \(d, d\)"),
    (lambda: barycentre(A), r"covariances must have shape \(k, d, d\)"),
    (lambda: barycentre(A[None], f64([2.0])), "weights must sum to 1; it sums to 2"),
    (lambda: barycentre(A[None], tolerance=0.0), "tolerance must be positive"),
    (lambda: barycentre(A[None], most=0), "most must be at least 1"),
])  # fmt: skip
def test_bad_input_is_refused(call, message) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_symmetric_but_for_rounding_is_taken() -> None:
    off = f64([[0.0, 1e-10], [0.0, 0.0]])
    assert (root("a", A + off) - root("a", A + off.mT)).abs().max() < 1e-15
    for way in (off, off.mT):
        with pytest.raises(ValueError, match="a must be symmetric"):
            root("a", A + 20 * way)


def test_a_barycentre_is_as_exact_as_it_says_by_default() -> None:
    both = torch.stack([A, B])
    assert torch.equal(barycentre(both), barycentre(both, tolerance=1e-12, most=1_000))
    assert not torch.equal(barycentre(both), barycentre(both, tolerance=1e-11))
