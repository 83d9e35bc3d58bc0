"""Exact fields, guidance and distances of the page against the package's."""

import pytest
import torch
from laws import PATHS, THREE, double, mixture, points, same

from diffusionbook.data.toy import MIXTURES
from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.guidance import cfg
from diffusionbook.metrics import points as metric
from diffusionbook.metrics.points import sliced_w2
from diffusionbook.prediction import Prediction
from diffusionbook.randomness import seeded

TIMES = [1.0, 0.7, 0.2, 0.01]
FIELD = """const law = L.law(given.law), path = L.path(given.path);
  const told = L.exact(law, path, given.label), untold = L.exact(law, path);
  const model = given.w === undefined ? told : L.guided(told, untold, given.w);
  return given.t.map((t) => ({ ...model.predict(Float64Array.from(given.x), t),
    u: L.velocity(model, Float64Array.from(given.x), t) }));"""


def asked(**more) -> dict:
    return {"law": THREE, "t": TIMES, "x": points().flatten().tolist()} | more


def compare(found, model, x, y):
    for answer, t in zip(found, TIMES, strict=True):
        wanted = model(x, t, y)
        same(answer["x0"], wanted.x0)
        same(answer["eps"], wanted.eps)
        same(answer["u"], wanted.velocity, 1e-10 * max(1, wanted.velocity.abs().max()))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("label", [-1, 0, 2])
def test_the_exact_field(node, path, label):
    x = points()
    y = None if label < 0 else torch.full((len(x),), label)
    exact = AnalyticDenoiser(mixture(), PATHS[path])
    compare(node(FIELD, asked(path=path, label=label)), exact, x, y)


@pytest.mark.parametrize("name", MIXTURES)
def test_the_exact_field_of_a_preset(node, name):
    law = node("return L.presets[given]();", name)
    found = node(FIELD, asked(law=law, path="linear", label=-1))
    compare(found, AnalyticDenoiser(MIXTURES[name](), PATHS["linear"]), points(), None)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("w", [0, 1, 0.5, 3])
def test_guidance(node, path, w):
    x = points()
    guided = cfg(AnalyticDenoiser(mixture(), PATHS[path]), w)
    found = node(FIELD, asked(path=path, label=2, w=w))
    compare(found, guided, x, torch.full((len(x),), 2))


@pytest.mark.parametrize("row", ["x0", "eps", "velocity"])
def test_every_row_is_solved(node, row):
    """What a network's answer means: the package's row, the page's solution."""
    x, answers = points(), points(seed=1)
    found = node("""return given.t.map((t) => DiffusionExplorer.solve(given.row, L.path("vp")(t),
                    Float64Array.from(given.x), Float64Array.from(given.y)));""",
                 asked(row=row, y=answers.flatten().tolist()))  # fmt: skip
    for one, t in zip(found, TIMES, strict=True):
        wanted = Prediction(answers, row, x, t, PATHS["vp"])
        for name in ("x0", "eps"):
            value = getattr(wanted, name)
            same(one[name], value, 1e-10 * max(1, value.abs().max()))


def test_bad_names_are_refused(node):
    body = """return [() => L.path("cosine"), () => L.guided(null, null, NaN)].map((f) => {
                try { f(); } catch (error) { return error.message; } });"""
    assert node(body) == ["path must be one of linear, vp; it is \"cosine\"",
                          "w must be a number; it is NaN"]  # fmt: skip


def test_the_distance_is_the_package_s_in_the_same_directions(node, monkeypatch):
    a, b = points(300), points(300, seed=1) + 0.3
    body = "return L.slicedW2(Float64Array.from(given.a), Float64Array.from(given.b));"
    found = node(body, {"a": a.flatten().tolist(), "b": b.flatten().tolist()})
    rough = sliced_w2(a, b, seeded(0), 100_000)
    assert found == pytest.approx(float(rough), rel=0.005)  # its own directions are random
    angle = torch.pi * torch.arange(64).double() / 64
    spaced = torch.stack([angle.cos(), angle.sin()])
    monkeypatch.setattr(metric, "randn", lambda shape, generator: spaced)
    assert found == pytest.approx(float(sliced_w2(a, b, seeded(0), 64)), abs=1e-12)


def test_the_floor_is_that_of_fresh_draws(node):
    n = 500
    found = node("return [1, 2, 3, 4].map((seed) => L.floor(L.law(given), 500, 10 * seed, 0));",
                 THREE)  # fmt: skip
    law = mixture(label=0)
    theirs = torch.stack([sliced_w2(law.sample(n, seeded(k)), law.sample(n, seeded(50 + k)),
                                    seeded(99)) for k in range(12)])  # fmt: skip
    spread = theirs.std() / 12**0.5
    assert abs(double(found).mean() - theirs.mean()) < 5 * spread


@pytest.mark.parametrize("sizes", [(4, 6), (0, 0)])
def test_clouds_of_different_size_are_refused(node, sizes):
    body = """try { L.slicedW2(...given.map((n) => new Float64Array(n))); }
              catch (error) { return error.message; }"""
    assert node(body, sizes).startswith("a and b must be clouds of the same size, not empty; it is")
