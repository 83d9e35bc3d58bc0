"""Predictors of small rank: the formula, and predictors that reach it or fail to pass below it."""

import pytest
import torch

from diffusionbook.exact.small_rank import excess, excess_on_subspace
from diffusionbook.paths.gaussian import VP, Cosine, Linear
from diffusionbook.prediction import coefficients
from diffusionbook.randomness import randn, seeded

PATHS = {"linear": Linear(), "vp": VP(), "cosine": Cosine()}


def laws(d: int, n: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """cov_yx, cov_x and cov_y of a random joint Gaussian."""
    a = randn((d + n, d + n), seeded(0))
    joint = a @ a.mT
    return joint[:d, d:], joint[d:, d:], joint[:d, :d]


def error(w, cov_yx, cov_x, cov_y) -> float:
    """E |y - W x|², from the covariances."""
    return float((cov_y - w @ cov_yx.mT - cov_yx @ w.mT + w @ cov_x @ w.mT).trace())


@pytest.mark.equation("eq-small-rank")
@pytest.mark.parametrize("rank", [0, 1, 2, 4])
def test_a_predictor_reaches_it_and_none_that_descent_finds_is_better(rank: int) -> None:
    cov_yx, cov_x, cov_y = laws(4, 6)
    best = cov_yx @ torch.linalg.inv(cov_x)
    least = error(best, cov_yx, cov_x, cov_y)
    _, directions = torch.linalg.eigh(best @ cov_yx.mT)
    kept = directions[:, 4 - rank:]
    reached = error(kept @ kept.mT @ best, cov_yx, cov_x, cov_y) - least
    assert reached == pytest.approx(excess(cov_yx, cov_x, rank), rel=1e-9, abs=1e-9)
    if 0 < rank < 4:
        out, into = randn((4, rank), seeded(1)), randn((rank, 6), seeded(2)) / 10
        factors = [out.requires_grad_(), into.requires_grad_()]
        search = torch.optim.LBFGS(factors, max_iter=500, line_search_fn="strong_wolfe",
                                   tolerance_grad=1e-10, tolerance_change=1e-14)

        def lost() -> torch.Tensor:
            search.zero_grad()
            w = factors[0] @ factors[1]
            value = (cov_y - 2 * w @ cov_yx.mT + w @ cov_x @ w.mT).trace()
            value.backward()
            return value

        search.step(lost)
        found = error(*(x.detach() for x in (factors[0] @ factors[1],)), cov_yx, cov_x, cov_y)
        assert found - least == pytest.approx(excess(cov_yx, cov_x, rank), rel=1e-6)


@pytest.mark.equation("eq-rank-subspace")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("param", ["x0", "eps", "v", "velocity"])
@pytest.mark.parametrize("rank", [0, 1, 3, 5, 9])
def test_on_a_subspace_it_is_the_eigenvalues_beyond_the_rank(path, param, rank) -> None:
    """From the covariances of x_t and y, whose subspace is turned anyhow."""
    where, t, dims, data_dims = PATHS[path], 0.4, 9, 3
    axes = torch.linalg.qr(randn((dims, dims), seeded(3)))[0][:, :data_dims]
    c = where.at(t, torch.zeros(1).double())
    p, q = coefficients(param, c)
    on, every = axes @ axes.mT, torch.eye(dims).double()
    cov_x = c.alpha**2 * on + c.sigma**2 * every
    cov_yx = p * c.alpha * on + q * c.sigma * every
    found = excess_on_subspace(param, where, t, dims, data_dims, rank)
    assert found == pytest.approx(excess(cov_yx, cov_x, rank), abs=1e-10)


def test_eight_dimensions_in_sixty_four_half_way() -> None:
    """With a rank of 8, only who predicts the data loses nothing."""
    lost = [excess_on_subspace(param, Linear(), 0.5, 64, 8, 8)
            for param in ("x0", "eps", "velocity")]
    assert lost == pytest.approx([0, 52, 48], abs=1e-10)


def test_a_subspace_may_be_nothing_or_all_of_the_space() -> None:
    """At t = .2 on the linear path: noise alone is told whole, and data lose one share an axis."""
    share = 0.8**2 / (0.8**2 + 0.2**2)
    for rank in (0, 1, 3):
        assert excess_on_subspace("eps", Linear(), 0.2, 3, 0, rank) == pytest.approx(3 - rank)
        found = excess_on_subspace("x0", Linear(), 0.2, 3, 3, rank)
        assert found == pytest.approx((3 - rank) * share)


@pytest.mark.parametrize(("change", "message"), [
    ({"rank": -1}, "rank must be at least 0; it is -1"),
    ({"cov_x": torch.eye(3).double()}, "cov_x must be a symmetric matrix of 6 rows"),
    ({"cov_x": torch.eye(6).double().index_fill(0, torch.tensor([2]), 0)},
     "cov_x must be positive definite"),
    ({"cov_x": torch.eye(6).double() + torch.ones(6, 6).triu(1)}, "cov_x must be a symmetric"),
    ({"cov_yx": torch.full((4, 6), float("nan")).double()}, "cov_yx must be finite"),
])
def test_bad_covariances_are_refused_by_name(change, message, without_shape_checks) -> None:
    cov_yx, cov_x, _ = laws(4, 6)
    with pytest.raises(ValueError, match=message):
        excess(**{"cov_yx": cov_yx, "cov_x": cov_x, "rank": 2, **change})


@pytest.mark.parametrize(("change", "message"), [
    ({"data_dims": 10}, "data_dims must be at most dims = 9; it is 10"),
    ({"dims": 0}, "dims must be at least 1; it is 0"),
    ({"t": 0.0}, "t must be above 0, where there is noise; it is 0"),
    ({"t": 1.5}, r"t must lie in \[0, 1\]; it is 1.5"),
    ({"param": "x1"}, "param must be one of"),
])
def test_what_cannot_be_is_refused_by_name(change, message, without_shape_checks) -> None:
    given = {"param": "x0", "path": Linear(), "t": 0.5, "dims": 9, "data_dims": 3, "rank": 2}
    with pytest.raises(ValueError, match=message):
        excess_on_subspace(**{**given, **change})
