"""The trained networks in JavaScript against PyTorch, on the weights that the page loads."""

import base64
import gzip
import json

import numpy as np
import pytest
import torch
from standalone import STATIC

from diffusionbook import zoo
from diffusionbook.data.toy import SETS
from diffusionbook.nets.bundle import METHODS
from diffusionbook.page import explorer_export as export
from diffusionbook.randomness import randn, seeded
from diffusionbook.samplers import ancestral, grids
from diffusionbook.samplers.loop import sample
from diffusionbook.samplers.named import SAMPLERS

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
    draw = "const f = DiffusionShared.normals(1); return Array.from({ length: given }, f);"
    numbers = node(draw, 2 * n * STEPS)
    draws = iter(torch.tensor(numbers).reshape(STEPS, n, 2))
    monkeypatch.setattr(ancestral, "randn_like", lambda x, generator: next(draws).float())
    given = {"name": "spiral", "methods": ["ddpm"], "samplers": ["ddpm"], "steps": STEPS,
             "times": [], "x": x.flatten().tolist()}  # fmt: skip
    found = node(BODY, given, (FOLDER / "spiral.js",))["ddpm"]["ends"]["ddpm"]
    with torch.no_grad():
        ours = sample(SAMPLERS["ddpm"], trained["spiral", "ddpm"], x.float(), grids.uniform(STEPS))
    assert (torch.tensor(found).reshape(n, 2) - ours.double()).abs().max() <= MOVED


# Largest relative errors of what is computed anew. Sines, roots and sums differ in the last bits
# from processor to processor, which float64 holds 2^-53 apart and float32 2^-24; the drawn points,
# as halves, may then fall to the next half, 2^-10 away at most.
MIXTURE, WAVES, POINT = 1e-12, 1e-6, 2.0**-10


def scripts(text):
    """A page's script as the words around its entry, and the entry with its tables decoded."""
    head, _, rest = text.partition("{")
    body, _, tail = rest.rpartition("}")
    entry = json.loads(f"{{{body}}}")
    for key, kind in (("mixture", "<f8"), ("points", "<f2")):
        held = entry[key]
        entry[key] = held and np.frombuffer(base64.b64decode(held), kind).astype(float)
    return head, entry, tail


def assert_same_script(committed, written):
    (head, old, tail), (new_head, new, new_tail) = scripts(committed), scripts(written)
    assert (new_head, list(new), new_tail) == (head, list(old), tail)
    for key, bound in (("mixture", MIXTURE), ("points", POINT), ("point", WAVES), ("time", WAVES)):
        was, now = old.pop(key), new.pop(key)
        assert (was is None) == (now is None), key
        if was is not None:
            np.testing.assert_allclose(now, was, rtol=bound, atol=bound, err_msg=key)
    assert new == old  # sizes, paths and rows; the weights are those of a file, to the bit


def test_the_committed_scripts_are_what_the_export_writes(tmp_path):
    written = export.write(tmp_path)
    assert [path.name for path in written] == [f"{name}.js" for name in SETS]
    for path in written:
        text = path.read_text("utf-8")
        assert_same_script((FOLDER / path.name).read_text("utf-8"), text)
        assert len(gzip.compress(text.encode())) < 100_000


@pytest.mark.parametrize(("key", "spoil"), [
    ("mixture", lambda x: x + 1e-9), ("points", lambda x: x * 1.01), ("mixture", lambda x: x[:-6]),
    ("time", lambda x: [1.0001 * w for w in x]), ("sizes", lambda x: [*x[:-1], 3]),
    ("methods", lambda x: x | {"flow": x["flow"] | {"row": "eps"}}),
    ("methods", lambda x: x | {"flow": x["ddpm"]}),
])
def test_a_script_that_differs_by_more_than_rounding_is_found(trained, key, spoil):
    nets = {method: trained["spiral", method] for method in METHODS}
    text = export.script("spiral", nets)
    assert_same_script(text, text)
    head, entry, tail = text.partition("{")[0], json.loads(text[text.index("{"):-2]), ";\n"
    kind = {"mixture": "<f8", "points": "<f2"}.get(key)
    if kind:
        numbers = spoil(np.frombuffer(base64.b64decode(entry[key]), kind))
        entry[key] = base64.b64encode(numbers.astype(kind).tobytes()).decode()
    else:
        entry[key] = spoil(entry[key])
    with pytest.raises(AssertionError):
        assert_same_script(text, head + json.dumps(entry, separators=(",", ":")) + tail)


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
