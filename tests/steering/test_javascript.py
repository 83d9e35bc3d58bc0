"""The page's JavaScript against the package, part by part, to the rounding of double precision."""

import pytest
import torch

from diffusionbook.data.humps import five_humps
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.guidance.operators import Matrix
from diffusionbook.page import steering
from diffusionbook.paths.gaussian import VP
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import ancestral, grids, resampling
from diffusionbook.samplers import particles as with_particles
from diffusionbook.samplers.ancestral import Ancestral
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.transition import transition
from diffusionbook.samplers.twists import ObservationTwist

PLACE, ANGLE, NOISE = (0.32, -0.5), 37, 0.4
TIMES = [0.9, 0.5, 0.1]
EXACT = AnalyticDenoiser(five_humps(), VP())
START = """
const path = DiffusionExplorer.path(["vp", 0.1, 20]), copy = (about) => Object.fromEntries(
  Object.entries(about).map(([name, values]) => [name, Array.from(values)]));
"""


def points(n=30):
    return 1.5 * randn((n, 2), seeded(0))


def seen(known: str) -> dict:
    """The observation as the scripts have it."""
    a, y = steering.observation(known, PLACE, ANGLE)
    rows, numbers = torch.zeros(2, 2).double(), torch.zeros(2).double()
    rows[: len(a)], numbers[: len(y)] = a, y
    return {"rows": rows.flatten().tolist(), "seen": numbers.tolist(), "noise": NOISE}


def asked(**more) -> dict:
    return {"table": steering.table(five_humps()), "t": TIMES, "x": points().tolist()} | more


def same(found, wanted, tolerance=1e-9):
    found = torch.tensor(found, dtype=torch.float64).reshape(wanted.shape)
    assert (found - wanted).abs().max() <= tolerance


def test_mean_covariance_and_third_moment_are_those_of_the_denoiser(node) -> None:
    """The latter two are its first and second derivative, times sigma^2 / alpha and its square."""
    body = START + """return given.t.map((t) => { const { alpha, sigma } = path(t);
      const about = S.given(given.table, alpha, sigma);
      return given.x.map(([x, y]) => copy(about(x, y))); });"""
    for answer, t in zip(node(body, asked()), TIMES, strict=True):
        factor = VP().sigma(torch.tensor(t)) ** 2 / VP().alpha(torch.tensor(t))

        def guess(x, t=t):
            return EXACT(x[None], t).x0[0]

        for found, x in zip(answer, points(), strict=True):
            first = factor * torch.autograd.functional.jacobian(guess, x)
            second = torch.stack([
                torch.autograd.functional.hessian(lambda z, i=i: guess(z)[i], x)
                for i in range(2)]) * factor**2
            same(found["x0"], guess(x))
            same(found["V"], first[[0, 0, 1], [0, 1, 1]])
            same(found["K"], second[[0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1]], 1e-8)


@pytest.mark.parametrize("known", steering.KNOWN)
def test_the_exact_law_of_what_is_observed(node, known) -> None:
    law, (a, y) = five_humps(), steering.observation(known, PLACE, ANGLE)
    found = node("return S.condition(given.table, given.seen);", asked(seen=seen(known)))
    same(found, torch.tensor(steering.table(law.condition(a, y, NOISE))).double())


@pytest.mark.parametrize("known", steering.KNOWN)
@pytest.mark.parametrize("method", steering.GUIDED)
def test_where_a_method_moves_the_guess(node, method, known) -> None:
    a, y = steering.observation(known, PLACE, ANGLE)
    guided = steering.GUIDED[method](EXACT, Matrix(a), y, NOISE)
    body = START + """return given.t.map((t) => { const { alpha, sigma } = path(t);
      const about = S.given(given.table, alpha, sigma);
      return given.x.map(([x, y]) => { const to = S.guide(given.method, given.seen,
        { alpha, sigma }, about(x, y)); return [to.x, to.y]; }); });"""
    found = node(body, asked(method=method, seen=seen(known)))
    for answer, t in zip(found, TIMES, strict=True):
        same(answer, guided(points(), t).x0.detach(), 1e-7)  # conjugate gradients stop there


@pytest.mark.parametrize("known", steering.KNOWN)
def test_what_particles_weigh_and_where_they_are_moved(node, known) -> None:
    a, y = steering.observation(known, PLACE, ANGLE)
    twist = ObservationTwist(Matrix(a), y, NOISE)
    body = START + """return given.t.map((t) => { const { alpha, sigma } = path(t);
      const about = S.given(given.table, alpha, sigma);
      return given.x.map(([x, y]) => { const to = S.guide("particles", given.seen,
        { alpha, sigma }, about(x, y)); return [to.log, to.x, to.y]; }); });"""
    found = torch.tensor(node(body, asked(seen=seen(known))), dtype=torch.float64)
    constant = []
    for answer, t in zip(found, TIMES, strict=True):
        x = points().requires_grad_()
        prediction = EXACT(x, t)
        value = twist.at(prediction)
        (gradient,) = torch.autograd.grad(value.sum(), x)
        factor = VP().sigma(torch.tensor(t)) ** 2 / VP().alpha(torch.tensor(t))
        same(answer[:, 1:].tolist(), (prediction.x0 + factor * gradient).detach(), 1e-8)
        constant.append(answer[:, 0] - value.detach())
    constant.append(torch.tensor(node(
        """return given.x.map(([x, y]) => S.guide("particles", given.seen, { alpha: 1, sigma: 0 },
             { x0: [x, y], V: [0, 0, 0], K: [0, 0, 0, 0] }).log);""", asked(seen=seen(known))
    )).double() - twist.end(points()))  # fmt: skip
    constants = torch.stack(constant)
    same(constants.tolist(), constants.mean().expand(constants.shape))


def test_the_step(node) -> None:
    x, times = points(), torch.tensor([0.6, 0.4, 0.0]).double()
    body = START + """return [[0.6, 0.4], [0.4, 0]].map(([t, s]) => S.step(path(t), path(s)));"""
    for found, t, s in zip(node(body), times[:-1], times[1:], strict=True):
        prediction = EXACT(x, t)
        mean, std = transition(Ancestral(), prediction, t, s)
        same((found["gain"] * prediction.x0 + found["keep"] * x).tolist(), mean)
        assert found["std"] == pytest.approx(float(std), abs=1e-12)


def test_how_many_particles_count_and_which_survive(node) -> None:
    weights = randn((50,), seeded(1)).mul(2).softmax(0)
    body = "return [S.effective(given.w), S.systematic(given.w, given.shift)];"
    count, kept = node(body, {"w": weights.tolist(), "shift": 0.3})
    assert count == pytest.approx(float(resampling.effective(weights)), rel=1e-12)
    teeth = (0.3 + torch.arange(50)) / 50
    assert kept == torch.searchsorted(weights.cumsum(0), teeth.double(), right=True).tolist()


def run(node, method: str, noise, grid, fresh, shifts) -> torch.Tensor:
    body = START + """
      const numbers = given.fresh.values(), shifts = given.shifts.values();
      const found = await S.run({ table: given.table, path, method: given.method, grid: given.grid,
        observation: given.seen, noise: given.noise, normal: () => numbers.next().value,
        uniform: () => shifts.next().value });
      return found.frames;"""
    given = asked(method=method, seen=seen("line"), grid=grid.tolist(), shifts=shifts,
                  noise=noise.flatten().tolist(), fresh=torch.stack(fresh).flatten().tolist())
    return torch.tensor(node(body, given), dtype=torch.float64).reshape(len(grid), -1, 2)


@pytest.mark.parametrize("method", ["none", "dps", "covariance"])
def test_a_whole_run_with_the_same_noise(node, method, monkeypatch) -> None:
    noise, grid = points(12), grids.uniform(8)
    fresh = [randn(noise.shape, seeded(100 + k)) for k in range(8)]
    draws = iter(fresh)
    monkeypatch.setattr(ancestral, "randn_like", lambda x, generator: next(draws))
    a, y = steering.observation("line", PLACE, ANGLE)
    model = EXACT if method == "none" else steering.GUIDED[method](EXACT, Matrix(a), y, NOISE)
    with torch.no_grad():
        wanted = torch.stack([x for _, x in trajectory(Ancestral(), model, noise, grid)])
    found = run(node, method, noise, grid, fresh, [])
    same(found.tolist(), wanted, 1e-5)  # frames hold single precision


def test_a_whole_run_of_particles_with_the_same_noise(node, monkeypatch) -> None:
    noise, grid = points(40), grids.uniform(8)
    shifts = [0.1, 0.9, 0.4, 0.7, 0.2, 0.6, 0.3, 0.5, 0.8]
    fresh = [randn(noise.shape, seeded(100 + k)) for k in range(8)]
    draws, combs, used = iter(fresh), iter(shifts), []

    def systematic(weights, generator):
        used.append(next(combs))
        teeth = (used[-1] + torch.arange(40)) / 40
        return torch.searchsorted(weights.cumsum(1), teeth[None].double(), right=True)

    monkeypatch.setattr(with_particles, "randn_like", lambda x, generator: next(draws))
    monkeypatch.setattr(with_particles, "systematic", systematic)
    a, y = steering.observation("line", PLACE, ANGLE)
    found = with_particles.particles(Ancestral(), EXACT, ObservationTwist(Matrix(a), y, NOISE),
                                     noise, grid)  # fmt: skip
    few = int((found.ess[0, :-1] < 20).sum())
    assert len(used) == few >= 1  # it did resample on its way
    wanted = found.resampled(None)
    same(run(node, "particles", noise, grid, fresh, shifts)[-1].tolist(), wanted, 1e-5)


def test_shares_of_the_humps_and_draws_of_a_law(node) -> None:
    law, n = five_humps(), 20_000
    body = """const normal = DiffusionShared.normals(4), x = S.draw(given.table, given.n, normal);
              return [Array.from(x), S.weights(given.table, x)];"""
    x, weights = node(body, asked(n=n))
    x = torch.tensor(x, dtype=torch.float64).reshape(n, 2)
    same(weights, steering.shares(law, x))
    start = 0
    for weight, mean, cov in zip(law.weights, law.means, law.covs, strict=True):
        part = x[start : start + round(n * float(weight))]
        start += len(part)
        spread = (cov.diagonal() / len(part)).sqrt()
        assert ((part.mean(0) - mean).abs() < 5 * spread).all()
        # a product of two normal numbers has variance S_xx S_yy + S_xy^2
        noise = ((cov.diagonal().outer(cov.diagonal()) + cov**2) / len(part)).sqrt()
        assert ((part.T.cov() - cov).abs() < 5 * noise).all()
    assert start == n
