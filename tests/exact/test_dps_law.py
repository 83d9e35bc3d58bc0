"""What DPS draws on a Gaussian: the formulas against integrated and real samplers."""

import math
from decimal import Decimal, getcontext

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

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


def transported(model, points: torch.Tensor, start: float) -> torch.Tensor:
    """Where the probability-flow ODE takes points from t = ``start`` to 0, by DOP853."""
    shape = points.shape

    def velocity(t: float, x):
        return model(torch.from_numpy(x).reshape(shape), f64(t)).velocity.flatten().numpy()

    span = (start, 1e-7)
    run = solve_ivp(velocity, span, points.flatten().numpy(), "DOP853", rtol=1e-8, atol=1e-9)
    assert run.success
    return torch.from_numpy(run.y[:, -1]).reshape(shape)


@pytest.mark.equation("eq-dps-ode")
@paths
@cases
def test_the_ode_to_five_digits(path, std, noise_std, observed, without_shape_checks) -> None:
    """From so much noise that the data in it do not matter: the field is affine, so two points
    tell the mean and the std. The start costs s kappa y alpha / sigma, here 1e-6."""
    ends = transported(guided(path, std, noise_std, observed), f64([[0.0], [1.0]]), 1 - 1e-6)
    law = dps_ode(std, noise_std, observed)
    assert float(ends[0]) == pytest.approx(law.mean, abs=1e-5)
    assert float(ends[1] - ends[0]) == pytest.approx(math.sqrt(law.variance), abs=1e-5)


@pytest.mark.equation("eq-dps-sde")
@paths
@cases
def test_the_sde_to_five_digits(path, std, noise_std, observed, without_shape_checks) -> None:
    """The moment equations dm/dt = a m + b, dV/dt = 2 a V - g^2, with a and b of the model."""
    model, probes = guided(path, std, noise_std, observed), f64([[0.0], [1.0]])

    def rates(t: float, moments):
        time = f64(t)
        alpha, sigma = path.alpha(time), path.sigma(time)
        noise = float(2 * sigma * (path.d_sigma(time) - sigma * path.d_alpha(time) / alpha))
        said = model(probes, time)
        b, a_b = (said.velocity - noise / 2 * said.score).flatten().tolist()
        mean, variance = moments
        return (a_b - b) * mean + b, 2 * (a_b - b) * variance - noise

    start = 1 - 1e-4  # forgotten up to u = 1e-8
    run = solve_ivp(rates, (start, 1e-7), [0.0, 1.0], "Radau", rtol=1e-8, atol=1e-10)
    assert run.success
    assert tuple(run.y[:, -1]) == pytest.approx(dps_sde(std, noise_std, observed), abs=1e-5)


@pytest.mark.equation("eq-dps-ode")
@paths
def test_heun_arrives_there_at_its_order(path, without_shape_checks) -> None:
    law, model = dps_ode(1.0, 0.5, 1.0), guided(path, 1.0, 0.5, 1.0)
    off = []
    for n in (40, 80):
        found = push_forward(Heun(), model, grids.uniform(n, 1 - 1e-6), f64([0.0]), 1.0)
        off.append((float(found.mean) - law.mean, float(found.cov) - law.variance))
    for coarse, fine in zip(*off, strict=True):
        assert slopes([40, 80], [abs(coarse), abs(fine)]) == pytest.approx([2], abs=0.3)
        assert abs(fine) < 2e-3


@pytest.mark.equation("eq-dps-sde")
@paths
def test_ancestral_sampling_arrives_there_at_its_order(path, without_shape_checks) -> None:
    """The error halves with the step; what is left without it is small."""
    law, model = dps_sde(1.0, 0.5, 1.0), guided(path, 1.0, 0.5, 1.0)
    off = []
    for n in (100, 200):
        grid = grids.uniform(n, 1 - 1e-6)
        found = push_forward(DDIM(1.0), model, grid, f64([0.0]), 1.0)
        off.append((float(found.mean) - law.mean, float(found.cov) - law.variance))
    for coarse, fine in zip(*off, strict=True):
        assert slopes([100, 200], [abs(coarse), abs(fine)]) == pytest.approx([1], abs=0.3)
        assert abs(2 * fine - coarse) < 2e-3


@pytest.mark.equation("eq-dps-ode")
def test_in_the_plane_it_holds_along_the_axes_of_the_operator(without_shape_checks) -> None:
    """A = U diag(a) V' on a round prior: along v_i it is the line's, with y_i = u_i.y / a_i."""
    turn = torch.linalg.qr(f64([[0.8, -0.3], [0.5, 1.0]])).Q
    back = torch.linalg.qr(f64([[1.0, 0.4], [-0.2, 0.9]])).Q
    sizes, observed, std, noise_std = f64([1.6, 0.7]), f64([0.9, -0.5]), 1.2, 0.8
    prior = AnalyticDenoiser(GaussianMixture.normal(torch.zeros(2), std**2), Linear())
    model = dps(prior, Matrix(turn * sizes @ back.mT), observed, noise_std)
    starts = torch.cat([torch.zeros(1, 2), back.mT]).double()
    ends = transported(model, starts, 1 - 1e-6) @ back
    laws = [
        dps_ode(std, noise_std / a, seen / a)
        for a, seen in zip(sizes.tolist(), (observed @ turn).tolist(), strict=True)
    ]
    assert ends[0].tolist() == pytest.approx([law.mean for law in laws], abs=1e-5)
    spreads = torch.diag(f64([math.sqrt(law.variance) for law in laws]))
    assert (ends[1:] - ends[0] - spreads).abs().max() < 1e-5


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
            assert law(1.0, tiny, 2.0).variance == 1.0
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
