"""The page's JavaScript against the package, part by part, on networks that are not trained."""

import math

import pytest
import torch

from diffusionbook.data.toy import MIXTURES
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.denoisers.model import NetDenoiser
from diffusionbook.nets.bundle import METHODS
from diffusionbook.nets.mlp import MLP
from diffusionbook.page import explorer_export as export
from diffusionbook.paths.gaussian import VP, Linear
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import ancestral, grids
from diffusionbook.samplers.loop import trajectory
from diffusionbook.samplers.named import SAMPLERS
from diffusionbook.samplers.ode import DPMpp2M
from diffusionbook.zoo.store import round_weights

PATHS = {"linear": Linear(), "vp": VP(), "vp-slow": VP(0.5, 3.0)}
SPECS = {"linear": ["linear"], "vp": ["vp", 0.1, 20.0], "vp-slow": ["vp", 0.5, 3.0]}


def points(n=50, seed=0):
    return 1.5 * randn((n, 2), seeded(seed))


def flat(x):
    return x.flatten().tolist()


def same(found, wanted, tolerance):
    found = torch.tensor(found, dtype=torch.float64).reshape(wanted.shape)
    assert (found - wanted).abs().max() <= tolerance


@pytest.mark.parametrize("name", PATHS)
def test_paths(node, name):
    times = torch.tensor([0.0, 1e-6, 0.01, 0.3, 0.77, 1.0], dtype=torch.float64)
    body = "const p = E.path(given.path); return given.times.map(p);"
    found = node(body, {"path": SPECS[name], "times": times.tolist()})
    for key, wanted in (("alpha", "alpha"), ("sigma", "sigma"), ("dAlpha", "d_alpha"),
                        ("dSigma", "d_sigma")):  # fmt: skip
        for k, t in enumerate(times):
            exact, value = float(getattr(PATHS[name], wanted)(t)), found[k][key]
            if math.isfinite(exact):  # sigma' of VP is infinite at t = 0, which JSON calls null
                assert value == pytest.approx(exact, rel=1e-12, abs=1e-14)
            else:
                assert value is None


def test_half_precision_numbers_are_read_exactly(node):
    halves = torch.arange(65536).to(torch.int32).to(torch.uint16).view(torch.float16)
    halves = halves[halves.isfinite()]
    text = export._base64(halves.numpy(), "<f2")
    found = torch.tensor(node("return E.halves(given);", text))
    assert torch.equal(found, halves.float())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("width", "depth", "n"), [(64, 3, 130), (7, 1, 3), (6, 2, 1)])
def test_a_network_of_any_size(node, method, width, depth, n, tmp_path):
    net = MLP(2, width, depth, 8, 6, generator=seeded(3))
    model = round_weights(NetDenoiser(net, *METHODS[method]), torch.float16)
    file = tmp_path / "moons.js"
    file.write_text(export.script("moons", {method: model}), "utf-8")
    x = points(n)
    body = """const m = E.learned("moons", given.method), x = Float64Array.from(given.x);
              return given.t.map((t) => E.velocity(m.path(t), m.predict(x, t)));"""
    times = [1.0, 0.6, 0.05]
    found = node(body, {"method": method, "x": flat(x), "t": times}, (file,))
    with torch.no_grad():
        for answer, t in zip(found, times, strict=True):
            same(answer, model(x.float(), t).velocity.double(), 2e-5)


@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("path", PATHS)
def test_the_exact_field_of_a_mixture(node, name, path):
    mixture = MIXTURES[name]()
    text = export._base64(export._table(mixture).numpy(), "<f8")
    x, times = points(40), [1.0, 0.5, 0.1, 0.01]
    body = """const m = E.mixture(E.float64s(given.table), E.path(given.path));
              return given.t.map((t) => m.predict(Float64Array.from(given.x), t));"""
    found = node(body, {"table": text, "path": SPECS[path], "x": flat(x), "t": times})
    for answer, t in zip(found, times, strict=True):
        exact = AnalyticDenoiser(mixture, PATHS[path])(x, t)
        same(answer["x0"], exact.x0, 1e-9)
        if t < 1 or path != "linear":
            same(answer["eps"], exact.eps, 1e-9)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("path", ["linear", "vp"])
def test_samplers(node, name, path, monkeypatch):
    """With the same fresh noise each gives the package's points at every time."""
    mixture, noise, steps = MIXTURES["trio"](), points(20), 7
    fresh = [randn(noise.shape, seeded(100 + k)) for k in range(steps)]
    draws = iter(fresh)
    monkeypatch.setattr(ancestral, "randn_like", lambda x, generator: next(draws))
    exact = AnalyticDenoiser(mixture, PATHS[path])
    wanted = [x for _, x in trajectory(SAMPLERS[name], exact, noise, grids.uniform(steps))]
    text = export._base64(export._table(mixture).numpy(), "<f8")
    body = """
      const model = E.mixture(E.float64s(given.table), E.path(given.path)), grid = E.grid(given.n);
      const numbers = given.fresh.values(), normal = () => numbers.next().value, found = [];
      let state = { x: Float64Array.from(given.x) };
      for (let k = 1; k < grid.length; k++) {
        state = E.samplers[given.name](model, state.x, grid[k - 1], grid[k], normal, state.memory);
        found.push(state.x);
      }
      return found;"""
    found = node(body, {"table": text, "path": SPECS[path], "n": steps, "name": name,
                        "x": flat(noise), "fresh": flat(torch.stack(fresh))})  # fmt: skip
    for answer, x in zip(found, wanted[1:], strict=True):
        same(answer, x, 1e-9)


def test_the_grid(node):
    found = node("return [E.grid(7), E.grid(4, 0.6), E.grid(4, 0.5), E.grid(1, 0.01)];")
    assert found[0] == pytest.approx(grids.uniform(7).tolist())
    assert found[1:] == [[0.6, 0.5, 0.25, 0], [0.5, 0.25, 0], [0.01, 0]]


def test_the_numbers_are_normal_and_their_seed_decides_them(node):
    body = """const draw = (seed) => Array.from(E.cloud(20000, DiffusionShared.normals(seed)));
              return [draw(1), draw(1), draw(2)];"""
    first, again, other = (torch.tensor(x, dtype=torch.float64) for x in node(body))
    assert torch.equal(first, again) and not torch.equal(first, other)
    n = len(first)
    for sample in (first, other):
        for k, (moment, spread) in enumerate([(0, 1), (1, 2), (0, 15), (3, 96)], 1):
            # the mean of x^k has variance var(x^k) / n
            assert abs(sample.pow(k).mean() - moment) < 5 * (spread / n) ** 0.5
    for x, y in ((first[:-1], first[1:]), (first[0::2], first[1::2]), (first, other)):
        assert abs((x * y).mean()) < 5 * len(x) ** -0.5


def test_a_run_gives_all_times_whatever_its_slices(node):
    """Points are moved in groups, with pauses: the result is that of all points at once."""
    mixture, noise, steps = MIXTURES["ring"](), points(450), 5
    exact = AnalyticDenoiser(mixture, Linear())
    wanted = [x for _, x in trajectory(DPMpp2M(), exact, noise, grids.uniform(steps))]
    text = export._base64(export._table(mixture).numpy(), "<f8")
    body = """
      const model = E.mixture(E.float64s(given.table), E.path(["linear"])), grid = E.grid(given.n);
      const job = { model, sampler: "dpmpp2m", grid, x: Float64Array.from(given.x), seed: 1 };
      const clock = performance.now;
      performance.now = () => clock.call(performance) * 1e6;  // each group ends a slice
      const frames = await E.run(job);
      return { frames, stopped: await E.run(job, () => true) };"""
    given = {"table": text, "n": steps, "x": flat(noise)}
    found = node(body, given)
    assert found["stopped"] is None and len(found["frames"]) == steps + 1
    for frame, x in zip(found["frames"], wanted, strict=True):
        same(frame, x, 1e-6)


def test_between_two_times_points_move_in_a_straight_line(node):
    body = """const frames = [[0, 0], [1, 2], [3, 2]].map((x) => Float32Array.from(x));
              return [1, 0.75, 0.5, 0.3, 0].map((t) => E.between(frames, [1, 0.5, 0], t));"""
    wanted = torch.tensor([[0, 0], [0.5, 1], [1, 2], [1.8, 2], [3, 2]], dtype=torch.float64)
    same(node(body), wanted, 1e-6)


def test_weights_that_half_precision_would_change_are_refused():
    model = NetDenoiser(MLP(2, 8, 1, 8, 6, generator=seeded(0)), *METHODS["flow"])
    with pytest.raises(ValueError, match="those of moons, flow are not"):
        export.script("moons", {"flow": model})
    other = NetDenoiser(MLP(2, 4, 1, 8, 6, generator=seeded(0)), *METHODS["flow"])
    nets = {"flow": model, "reflow": other}
    for net in nets.values():
        round_weights(net, torch.float16)
    with pytest.raises(ValueError, match="nets must have the same layers"):
        export.script("moons", nets)
