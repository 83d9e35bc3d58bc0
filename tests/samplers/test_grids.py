"""Time grids against their defining property."""

import math

import pytest
import torch
from models import each_path

from diffusionbook.paths.chain import Chain
from diffusionbook.paths.gaussian import VE, VP, Cosine, Linear
from diffusionbook.samplers import grids
from exact import f64

CHAIN = Chain.from_betas(torch.full((10,), 0.1))


def test_uniform() -> None:
    assert grids.uniform(4).tolist() == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert grids.uniform(2, 0.9, 0.1).tolist() == pytest.approx([0.9, 0.5, 0.1], abs=1e-15)
    assert grids.uniform(1).tolist() == [1.0, 0.0]
    assert grids.uniform(3).dtype == torch.float64


def test_all_steps_of_a_chain() -> None:
    assert grids.all_steps(CHAIN).tolist() == [k / 10 for k in range(10, -1, -1)]
    assert grids.all_steps(CHAIN).dtype == torch.float64


@pytest.mark.parametrize(
    ("n", "steps"), [(1, [10, 0]), (2, [10, 5, 0]), (3, [10, 7, 3, 0]), (10, range(10, -1, -1))]
)
def test_trailing(n: int, steps) -> None:
    assert grids.trailing(CHAIN, n).tolist() == [k / 10 for k in steps]


def test_a_trailing_grid_lies_on_the_chain() -> None:
    chain = Chain.from_betas(torch.full((1000,), 1e-3))
    for n in (7, 50, 333):
        k = chain.index(grids.trailing(chain, n))
        assert k[0] == 1000 and k[-1] == 0
        gaps = -k.diff()
        assert gaps.max() - gaps.min() <= 1  # as even as whole steps allow
        assert (gaps.double() - 1000 / n).abs().max() < 1


@each_path
@pytest.mark.parametrize("n", [2, 6])
def test_uniform_log_snr_has_equal_steps_of_log_snr(path, n: int) -> None:
    grid = grids.uniform_log_snr(n, path)
    assert grid.shape == (n + 1,) and grid.dtype == torch.float64
    assert float(grid[0]) == 0.999
    assert float(grid[-2]) == pytest.approx(0.001, abs=1e-12)
    assert float(grid[-1]) == 0
    gaps = path.log_snr(grid[:-1]).diff()
    assert (gaps - gaps.mean()).abs().max() < 1e-9
    assert gaps.min() > 0


def test_karras_on_ve_is_equation_5_of_its_paper() -> None:
    path, n, rho = VE(80.0), 18, 7
    grid = grids.karras(n, path, t_max=1.0, t_min=0.002 / 80)
    for i in range(n):
        sigma = (80 ** (1 / rho) + i / (n - 1) * (0.002 ** (1 / rho) - 80 ** (1 / rho))) ** rho
        assert 80 * float(grid[i]) == pytest.approx(sigma, rel=1e-10)
    assert float(grid[n]) == 0
    assert grid.shape == (n + 1,)


@each_path
@pytest.mark.parametrize("rho", [1.0, 7.0])
def test_karras_has_equal_steps_of_the_root_of_the_noise_level(path, rho: float) -> None:
    grid = grids.karras(6, path, 0.9, 0.01, rho=rho)
    assert grid[0] == 0.9 and grid[-1] == 0
    assert float(grid[-2]) == pytest.approx(0.01, abs=1e-10)
    gaps = ((path.sigma(grid[:-1]) / path.alpha(grid[:-1])) ** (1 / rho)).diff()
    assert (gaps - gaps.mean()).abs().max() < 1e-9 * gaps.abs().max()
    assert gaps.max() < 0


def test_karras_defaults_are_cut_off_like_uniform_log_snr() -> None:
    grid = grids.karras(4, Linear())
    assert float(grid[0]) == 0.999
    assert float(grid[-2]) == pytest.approx(0.001, abs=1e-12)
    assert torch.equal(grid, grids.karras(4, Linear(), rho=7.0))


@pytest.mark.parametrize("make", [grids.karras, grids.uniform_log_snr])
def test_one_step_goes_straight_to_the_data(make) -> None:
    assert make(1, Linear(), t_max=0.7).tolist() == [0.7, 0.0]


@pytest.mark.parametrize(
    "grid", [f64([1.0, 0.0]), f64([0.5, 0.2, 0.1]), torch.tensor([1.0, 0.5])], ids=str
)
def test_good_grids_pass(grid) -> None:
    assert torch.equal(grids.check_grid(grid), grid.double())
    assert grids.check_grid(grid).dtype == torch.float64


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (f64([0.5]), r"grid must be 1-D with 2 or more times; its shape is \(1,\)"),
        (f64([[0.5, 0.0]]), r"grid must be 1-D with 2 or more times; its shape is \(1, 2\)"),
        (f64([0.0, 0.5]), r"grid must decrease strictly inside \[0, 1\]; it is \[0.0, 0.5\]"),
        (f64([0.5, 0.5]), "grid must decrease strictly"),
        (f64([1.1, 0.5]), "grid must decrease strictly"),
        (f64([0.5, 0.2, -0.1]), "grid must decrease strictly"),
        (f64([1.0, math.nan, 0.0]), "grid must decrease strictly"),
    ],
)
def test_bad_grids_are_refused(grid, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grids.check_grid(grid)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grids.uniform(0), "n must be at least 1 step; it is 0"),
        (lambda: grids.uniform(3, 0.2, 0.2), "0 <= t_min < t_max <= 1; they are 0.2, 0.2"),
        (lambda: grids.uniform(3, 1.1), "0 <= t_min < t_max <= 1; they are 0.0, 1.1"),
        (lambda: grids.uniform(3, 1.0, -0.1), "0 <= t_min < t_max <= 1; they are -0.1, 1.0"),
        (lambda: grids.trailing(CHAIN, 0), "n must be between 1 and the chain's 10 .* it is 0"),
        (lambda: grids.trailing(CHAIN, 11), "n must be between 1 and the chain's 10 .* it is 11"),
        (lambda: grids.karras(0, Linear()), "n must be at least 1 step; it is 0"),
        (lambda: grids.karras(3, Linear(), t_min=0), "t_min must be positive.*it is 0"),
        (lambda: grids.uniform_log_snr(3, Linear(), 0.5, 0.6), "they are 0.6, 0.5"),
        (lambda: grids.karras(3, Linear(), rho=0.0), "rho must be positive; it is 0.0"),
        (lambda: grids.karras(3, Cosine(), t_max=1.0), "t_max must leave some signal.*at 1.0"),
        (lambda: grids.uniform_log_snr(3, Linear(), t_max=1.0), "t_max must leave some signal"),
    ],
)
def test_bad_arguments_are_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_paths_with_signal_left_may_start_at_one() -> None:
    for path in (VP(), VE(3.0)):
        assert float(grids.karras(4, path, t_max=1.0)[0]) == 1
