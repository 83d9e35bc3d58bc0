"""The trained networks in JavaScript against PyTorch, on the weights that the page loads."""

import gzip

import pytest
import torch
from standalone import STATIC

from diffusionbook import grids, samplers, zoo
from diffusionbook.explorer import export
from diffusionbook.explorer.networks import METHODS
from diffusionbook.explorer.page import SAMPLERS
from diffusionbook.explorer.sets import SETS
from diffusionbook.samplers import sample
from diffusionbook.shapes import randn, seeded

FOLDER = STATIC / "explorer"
FIELD, MOVED = 1e-4, 1e-3  # largest errors: of the velocity, and of a point after 50 steps
STEPS, TIMES = 50, [1.0, 0.8, 0.5, 0.2, 0.05, 0.02]
BODY = """
const x = Float64Array.from(given.x), found = {};
for (const method of given.methods) {
  const model = E.learned(given.name, method), grid = E.grid(given.steps), ends = {};
  const field = given.times.map((t) => E.velocity(model.path(t), model.predict(x, t)));
  for (const sampler of given.samplers) {
    const job = { model, sampler, grid, x, seed: 1 };
    ends[sampler] = (await E.run(job)).at(-1);
  }
  found[method] = { field, ends };
}
return found;"""


@pytest.fixture(scope="module")
def trained():
    return export.models()


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_every_network_gives_the_fields_and_the_points_of_pytorch(node, trained, name):
    x = randn((40, 2), seeded(4)).mul(1.2)
    x, steppers = x.float().double(), ["euler", "heun", "ddim", "dpmpp2m"]
    data = (FOLDER / f"{name}.js",)
    given = {"name": name, "methods": list(METHODS), "samplers": steppers, "steps": STEPS,
             "times": TIMES, "x": x.flatten().tolist()}  # fmt: skip
    found = node(BODY, given, data)
    for method in METHODS:
        model = trained[name, method]
        with torch.no_grad():
            for answer, t in zip(found[method]["field"], TIMES, strict=True):
                u = model(x.float(), t).velocity.double()
                assert (torch.tensor(answer).reshape(u.shape) - u).abs().max() <= FIELD
            for sampler in steppers:
                ours = sample(SAMPLERS[sampler], model, x.float(), grids.uniform(STEPS)).double()
                theirs = torch.tensor(found[method]["ends"][sampler]).reshape(ours.shape)
                assert (theirs - ours).abs().max() <= MOVED, (method, sampler)


def test_a_noisy_run_has_the_same_points_with_the_same_noise(node, trained, monkeypatch):
    x, n = randn((40, 2), seeded(4)).float().double(), 40
    draw = "const f = E.normals(1); return Array.from({ length: given }, f);"
    numbers = node(draw, 2 * n * STEPS)
    draws = iter(torch.tensor(numbers).reshape(STEPS, n, 2))
    monkeypatch.setattr(samplers, "randn_like", lambda x, generator: next(draws).float())
    given = {"name": "spiral", "methods": ["ddpm"], "samplers": ["ddpm"], "steps": STEPS,
             "times": [], "x": x.flatten().tolist()}  # fmt: skip
    found = node(BODY, given, (FOLDER / "spiral.js",))["ddpm"]["ends"]["ddpm"]
    with torch.no_grad():
        ours = sample(SAMPLERS["ddpm"], trained["spiral", "ddpm"], x.float(), grids.uniform(STEPS))
    assert (torch.tensor(found).reshape(n, 2) - ours.double()).abs().max() <= MOVED


def test_the_committed_scripts_are_what_the_export_writes(tmp_path):
    written = export.write(tmp_path)
    assert [path.name for path in written] == [f"{name}.js" for name in SETS]
    for path in written:
        assert path.read_bytes() == (FOLDER / path.name).read_bytes(), path.name
        assert len(gzip.compress(path.read_bytes())) < 100_000


def test_an_export_without_trained_models_says_how_to_get_them(tmp_path):
    with pytest.raises(ValueError, match="python -m diffusionbook train explorer"):
        export.write(tmp_path, tmp_path)


def test_the_reflowed_networks_arrive_in_two_steps():
    """What reflow is for: straight trajectories, so that two Euler steps nearly suffice."""
    metrics = zoo.receipt("explorer-reflow")["metrics"]
    for name in SETS:
        reflowed, flow = (metrics[f"{name}_two_steps{of}_sliced_w2"]["mean"]
                          for of in ("", "_of_the_flow"))  # fmt: skip
        assert reflowed < flow / 3
