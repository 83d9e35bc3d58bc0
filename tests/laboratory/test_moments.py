"""What is seen at a moment: densities, a flow's own likelihood, training lines, errors."""

from math import sqrt
from pathlib import Path

import pytest
import torch
from laws import PATHS, THREE, double, mixture, points, same

from diffusionbook.denoisers.exact import AnalyticDenoiser
from diffusionbook.likelihood.ode import log_prob_ode

STANDIN = (Path(__file__).parent / "standin.js",)
START = "const law = L.law(given.law), path = L.path(given.path), label = given.label;"
TIMES = [0.02, 0.2, 0.6, 1.0]


def asked(path: str = "linear", label: int = -1, **more) -> dict:
    return {"law": THREE, "path": path, "label": label, "x": points().flatten().tolist(),
            "t": TIMES} | more


def diffused(path: str, t: float, label: int = -1):
    t = double(t)
    return mixture(label=label).diffuse(float(PATHS[path].alpha(t)), float(PATHS[path].sigma(t)))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("label", [-1, 0])
def test_the_exact_density(node, path, label):
    body = START + "return given.t.map((t) => L.logDensity(law, path, t, given.x, label));"
    for found, t in zip(node(body, asked(path, label)), TIMES, strict=True):
        wanted = diffused(path, t, label).log_prob(points())
        same(found, wanted, 1e-10 * max(1, wanted.abs().max()))


def test_the_raster_has_its_highest_row_first(node):
    same(node("return L.raster(2);"), double([[-1.5, 1.5], [1.5, 1.5], [-1.5, -1.5], [1.5, -1.5]]))


@pytest.mark.parametrize("path", PATHS)
def test_the_likelihood_of_an_exact_flow_is_its_density(node, path):
    """With 24 steps, where there is density to see; the package's rule on the same grid, closer."""
    body = START + """const x = Float64Array.from(given.x), model = L.exact(law, path, label);
      return given.t.map((t) => [L.upwards(t, 24), L.finished(L.likelihood(model, x, t))]);"""
    for t, (grid, found) in zip(TIMES[:3], node(body, asked(path, t=TIMES[:3])), strict=True):
        law = diffused(path, t)
        x = points()
        ruled = log_prob_ode(AnalyticDenoiser(mixture(), PATHS[path]), x, double(grid).flip(0))
        shown = ruled > ruled.max() - 6
        assert (double(found) - ruled)[shown].abs().max() < 0.02
        exact = law.log_prob(x).exp()
        assert (double(found).exp() - exact).abs().max() < 0.04 * exact.max()


def test_training_lines_are_draws_of_the_posterior(node):
    place, n = (0.3, 0.1), 20_000
    body = START + """return given.t.map((t) =>
                        L.lines(law, path, given.place, t, given.n, 5, label));"""
    for path in PATHS:
        for label in (-1, 2):
            found = node(body, asked(path, label, place=place, n=n, t=TIMES[1:]))
            for one, t in zip(found, TIMES[1:], strict=True):
                at = PATHS[path].at(t, points())
                x0, eps = (double(one[name]).reshape(n, 2) for name in ("x0", "eps"))
                same((at.alpha * x0 + at.sigma * eps).tolist(), double(place).expand(n, 2))
                model, x = AnalyticDenoiser(mixture(), PATHS[path]), double([place])
                y = None if label < 0 else torch.tensor([label])
                exact = model(x, t, y)
                same(one["mean"], exact.velocity)
                spread = 5 * x0.std(0) / sqrt(n)
                assert ((x0.mean(0) - exact.x0[0]).abs() < spread).all()
                _check_spread(model, x, t, y, x0)


def _check_spread(model, x, t, y, x0):
    """The covariance of x0 is the denoiser's derivative, times sigma^2 / alpha."""
    path, t = model.path, double(t)
    if path.alpha(t) == 0:
        return
    slope = torch.autograd.functional.jacobian(lambda z: model(z[None], t, y).x0[0], x[0])
    wanted = slope * path.sigma(t) ** 2 / path.alpha(t)
    assert (x0.T.cov() - wanted).abs().max() < 0.05 * wanted.diag().max()


def test_errors_are_those_of_two_fields(node):
    """A field against one with another law: over the plane, and on average over x_t."""
    body = START + """const models = [L.exact(law, path, 0), L.exact(law, path)];
      const x = Float64Array.from(given.x);
      const at = given.t.map((t) => L.finished(L.apart(models, x, t)));
      return { at, curve: L.finished(L.errorCurve(models, law, given.t, 20000, 1, label)) };"""
    found = node(body, asked("vp", t=[0.3, 0.8]))
    model, y = AnalyticDenoiser(mixture(), PATHS["vp"]), torch.zeros(40).long()
    for at, mean, t in zip(found["at"], found["curve"], (0.3, 0.8), strict=True):
        x = points()
        same(at, (model(x, t, y).velocity - model(x, t).velocity).norm(dim=1), 1e-9)
        x = diffused("vp", t).sample(20_000, torch.Generator().manual_seed(1))
        y_all = torch.zeros(len(x)).long()
        squares = (model(x, t, y_all).velocity - model(x, t).velocity).square().sum(1)
        assert abs(mean - squares.mean()) < 6 * squares.std() / sqrt(len(x))


def test_what_the_desk_says_of_a_moment(node):
    """Each answer is that of its parts: the guided field, the formula, the flow, the curve."""
    body = START + """
      const room = L.room({ components: given.law, path: "linear", row: "velocity", seed: 1 });
      const ask = (kind, fields) => L.finished(L.answers[kind](room, fields));
      const guided = L.guided(L.exact(law, path, 0), L.exact(law, path), 3), x = L.raster(5);
      const steered = { who: "exact", t: 0.4, label: 0, w: 3 };
      const apart = (a, b) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));
      const exp = (logs) => logs.map(Math.exp);
      const learned = room.model({ who: "learned", label: 0, w: 3 });
      const error = ask("error", { side: 5, t: 0.4, label: 0, w: 3, times: [0.1, 1] });
      return {
        field: apart(ask("field", { ...steered, places: x }).u, L.velocity(guided, x, 0.4)),
        flow: apart(ask("density", { ...steered, side: 5 }).values,
          exp(L.finished(L.likelihood(guided, x, 0.4)))),
        told: apart(ask("density", { ...steered, w: 1, side: 5 }).values,
          exp(L.logDensity(law, path, 0.4, x, 0))),
        untold: apart(ask("density", { ...steered, w: 0, side: 5 }).values,
          exp(L.logDensity(law, path, 0.4, x))),
        lines: apart(ask("lines", { x: 1, y: 0, t: 0.4, n: 9, seed: 2, label: 2 }).eps,
          L.lines(law, path, [1, 0], 0.4, 9, 2, 2).eps),
        error: apart(error.values, L.finished(L.apart([learned, guided], x, 0.4))),
        curve: error.curve.length,
        start: Object.values(ask("field", { ...steered, t: 0, places: [0, 0] }).u),
      };"""
    found = node(body, asked(), STANDIN)
    assert found.pop("curve") == 2 and all(abs(u) < 1e4 for u in found.pop("start"))
    for name, difference in found.items():
        assert difference < 1e-5, name


def test_a_flight_says_how_far_it_landed_and_what_it_cost(node):
    body = START + """
      const room = L.room({ components: given.law, path: "vp", row: "eps", seed: 1 });
      const fly = (fields) => L.finished(L.answers.fly(room,
        { who: "exact", sampler: "heun", steps: 20, n: 1000, seed: 4, ...fields }));
      return [fly({}), fly({ label: 0 }), fly({ label: 0, w: 2, sampler: "ddpm" }),
              fly({ seed: 5 }), fly({})];"""
    told, label, guided, other, again = node(body, asked(), STANDIN)
    for one, looks in ((told, 39), (label, 39), (guided, 40), (other, 39)):
        assert one["looks"] == looks
        assert len(one["frames"]) == len(one["grid"]) == 21 and len(one["frames"][0]) == 2000
    for one in (told, label, other):
        assert 0.3 * one["floor"] < one["distance"] < 3 * one["floor"]
    assert guided["distance"] > 2 * guided["floor"]  # a guided law is not the label's
    assert told["frames"] == again["frames"] != other["frames"]
    ends = double(label["frames"][-1]).reshape(-1, 2)
    assert (ends.mean(0) - mixture(label=0).mean()).abs().max() < 0.15
