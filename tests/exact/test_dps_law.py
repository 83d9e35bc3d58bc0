"""What DPS draws on a Gaussian: the formulas against integrated and real samplers."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
import torch
from affine_flow import by_ode, by_sde
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.exact.dps_law import dps_ode, dps_sde
from diffusionbook.exact.gaussians import GaussianMixture
from diffusionbook.guidance.inverse import dps
from diffusionbook.guidance.operators import Matrix
from diffusionbook.paths.gaussian import Cosine, Linear
from diffusionbook.samplers import grids
from diffusionbook.samplers.affine import push_forward
from diffusionbook.samplers.ancestral import DDIM
from diffusionbook.samplers.ode import Heun
from exact import f64, slopes

CASES = [(1.0, 0.5, 1.0), (1.4, 0.9, -2.0), (0.6, 1.5, 0.7)]  # kappa = 4, 2.42, 0.16
cases = pytest.mark.parametrize(("std", "noise_std", "observed"), CASES)
paths = pytest.mark.parametrize("path", [Linear(), Cosine()], ids=str)
widths = st.floats(0.05, 20.0)


def guided(path, std: float, noise_std: float, observed: float):
    prior = GaussianMixture.normal(f64([0.0]), std**2)
    see = Matrix(torch.eye(1, dtype=torch.float64))
    return dps(AnalyticDenoiser(prior, path), see, f64([observed]), noise_std)


@pytest.mark.equation("eq-dps-ode")
@paths
@cases
def test_the_ode_to_five_digits(path, std, noise_std, observed, without_shape_checks) -> None:
    """The package's DPS, integrated. What the start leaves out is below 1e-5."""
    found = by_ode(guided(path, std, noise_std, observed))
    law = dps_ode(std, noise_std, observed)
    assert found.mean.item() == pytest.approx(law.mean, rel=1e-5)
    assert found.cov.item() == pytest.approx(law.variance, rel=1e-5)


@pytest.mark.equation("eq-dps-sde")
@paths
@cases
def test_the_sde_to_five_digits(path, std, noise_std, observed, without_shape_checks) -> None:
    found = by_sde(guided(path, std, noise_std, observed))
    law = dps_sde(std, noise_std, observed)
    assert found.mean.item() == pytest.approx(law.mean, rel=1e-5)
    assert found.cov.item() == pytest.approx(law.variance, rel=1e-5)


@pytest.mark.equation("eq-dps-ode")
@pytest.mark.equation("eq-dps-sde")
@pytest.mark.parametrize(
    ("stepper", "order", "law", "path", "steps"),
    [(Heun(), 2, dps_ode, Linear(), 15), (DDIM(1.0), 1, dps_sde, Cosine(), 30)],
    ids=["Heun", "DDPM"],
)
def test_samplers_arrive_there_at_their_order(
    stepper, order, law, path, steps, without_shape_checks
) -> None:
    """And what is left when that order is taken out is small."""
    model, expected, off = guided(path, 1.0, 1.0, 1.0), law(1.0, 1.0, 1.0), []
    for n in (steps, 2 * steps):
        found = push_forward(stepper, model, grids.uniform(n, 1 - 1e-6), f64([0.0]), 1.0)
        off.append((found.mean.item() - expected.mean, found.cov.item() - expected.variance))
    for coarse, fine in zip(*off, strict=True):
        assert slopes([1, 2], [abs(coarse), abs(fine)]) == pytest.approx([order], abs=0.3)
        assert abs(2**order * fine - coarse) < 0.02 / order**4


@pytest.mark.equation("eq-dps-ode")
@pytest.mark.equation("eq-dps-sde")
@pytest.mark.parametrize(("integrate", "law"), [(by_ode, dps_ode), (by_sde, dps_sde)])
def test_in_the_plane_it_holds_along_the_axes_of_the_operator(
    integrate, law, without_shape_checks
) -> None:
    """A = U diag(a) V' on a round prior: along v_i it is the line's, with y_i = u_i.y / a_i."""
    turn = torch.linalg.qr(f64([[0.8, -0.3], [0.5, 1.0]])).Q
    back = torch.linalg.qr(f64([[1.0, 0.4], [-0.2, 0.9]])).Q
    sizes, observed, std, noise_std = f64([1.6, 0.7]), f64([0.9, -0.5]), 1.2, 0.8
    prior = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(2), std**2), Linear())
    found = integrate(dps(prior, Matrix(turn * sizes @ back.mT), observed, noise_std), dim=2)
    laws = [
        law(std, noise_std / a, seen / a)
        for a, seen in zip(sizes.tolist(), (observed @ turn).tolist(), strict=True)
    ]
    axes = back.numpy()
    assert (found.mean @ axes).tolist() == pytest.approx([one.mean for one in laws], abs=1e-5)
    spreads = np.diag([one.variance for one in laws])
    assert np.abs(axes.T @ found.cov @ axes - spreads).max() < 1e-5


@pytest.mark.equation("eq-dps-ode")
@pytest.mark.equation("eq-dps-sde")
@given(widths, widths, st.floats(-5.0, 5.0))
def test_the_means_by_quadrature_of_their_equations(std, noise_std, observed) -> None:
    """The two linear equations in u, solved by their integrating factors."""
    kappa = (std / noise_std) ** 2
    ode = quad(lambda r: kappa * math.exp(-kappa * (1 - r * r) / 2), 0, 1, points=(0.99,))[0]
    sde = quad(lambda u: kappa * math.exp(-kappa * (1 - u)), 0, 1, points=(0.99,))[0]
    spread = quad(lambda u: math.exp(-2 * kappa * (1 - u)), 0, 1, points=(0.99,))[0]
    if kappa < 1e3:  # beyond, the integrands are spikes
        assert dps_ode(std, noise_std, observed).mean == pytest.approx(observed * ode, abs=1e-8)
        assert dps_sde(std, noise_std, observed).mean == pytest.approx(observed * sde, abs=1e-8)
        assert dps_sde(std, noise_std, observed).variance == pytest.approx(
            std**2 * spread, rel=1e-8
        )
    assert dps_ode(std, noise_std, observed).variance == std * std * math.exp(-kappa)


@pytest.mark.equation("eq-dps-ode")
def test_dawsons_function_by_its_series() -> None:
    """kappa = 4 by the series of e^{a^2} D(a), summed in 40 digits; and the largest overshoot."""
    getcontext().prec = 40
    a2, term, total = Decimal(2), Decimal(1), Decimal(0)
    for k in range(80):
        total += term / (2 * k + 1)
        term *= a2 / (k + 1)
    expected = float(4 * (-a2).exp() * total)
    assert dps_ode(1.0, 0.5, 1.0).mean == pytest.approx(expected, abs=1e-12)
    means = [dps_ode(k**0.5, 1.0, 1.0).mean for k in (3.5, 4.512, 5.5)]
    assert means[1] == pytest.approx(1.2847, abs=1e-4)
    assert max(means) == means[1]
    assert dps_ode(1.70**0.5, 1.0, 1.0).mean < 1 < dps_ode(1.72**0.5, 1.0, 1.0).mean


@pytest.mark.equation("eq-dps-ode")
@pytest.mark.equation("eq-dps-sde")
def test_a_vague_observation_is_treated_as_bayes_rule_does() -> None:
    """To first order in kappa both means and both variances are the posterior's."""
    for law in (dps_ode, dps_sde):
        kappa = 1e-6
        found = law(1.0, kappa**-0.5, 2.0)
        assert found.mean / 2 / kappa == pytest.approx(1.0, abs=2 * kappa)
        assert (1 - found.variance) / kappa == pytest.approx(1.0, abs=1e-5)
        for tiny in (1e8, 1e200, 1e300):
            assert law(1.0, tiny, 2.0).variance == pytest.approx(1.0, abs=1e-15)
            assert law(1.0, tiny, 2.0).mean == pytest.approx(2 / tiny / tiny, rel=1e-12)


@pytest.mark.equation("eq-dps-ode")
@pytest.mark.equation("eq-dps-sde")
@pytest.mark.parametrize("noise_std", [1e-6, 1e-12, 1e-100, 1e-154])
def test_a_precise_observation_is_copied(noise_std: float) -> None:
    """The SDE keeps half of the posterior's variance, sigma_y^2, and the ODE none."""
    ode, sde = (law(3.0, noise_std, 2.0) for law in (dps_ode, dps_sde))
    assert (ode.mean, sde.mean) == pytest.approx((2.0, 2.0), rel=1e-10)
    assert ode.variance == 0.0
    assert sde.variance == pytest.approx(noise_std**2 / 2, rel=1e-10)


@pytest.mark.equation("eq-dps-ode")
@pytest.mark.equation("eq-dps-sde")
@given(widths, widths, st.floats(0.01, 100.0))
def test_units_do_not_matter_and_both_are_too_sure(std, noise_std, unit) -> None:
    kappa = (std / noise_std) ** 2
    for law in (dps_ode, dps_sde):
        found, scaled = law(std, noise_std, 1.5), law(unit * std, unit * noise_std, unit * 1.5)
        assert scaled.mean == pytest.approx(unit * found.mean, rel=1e-9)
        assert scaled.variance == pytest.approx(unit**2 * found.variance, rel=1e-6, abs=1e-300)
        assert law(std, noise_std, -1.5).mean == -found.mean
        assert found.variance <= std**2 / (1 + kappa) * (1 + 1e-12)
        assert found.mean >= 1.5 * kappa / (1 + kappa) * (1 - 1e-12)
    assert dps_ode(std, noise_std, 1.0).variance <= dps_sde(std, noise_std, 1.0).variance


@pytest.mark.parametrize("law", [dps_ode, dps_sde])
def test_what_cannot_be_meant_is_refused(law) -> None:
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"^std must be .*; it is {bad}"):
            law(bad, 1.0, 1.0)
        with pytest.raises(ValueError, match=f"^noise_std must be .*; it is {bad}"):
            law(1.0, bad, 1.0)
    with pytest.raises(ValueError, match="observed must be finite; it is nan"):
        law(1.0, 1.0, math.nan)
