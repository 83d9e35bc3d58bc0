"""A network that is trained from nothing, in as many steps as three seconds surely have, draws the
law: its samples are as near to it as a few times what two draws of the law differ by."""

import engine
import pytest

STEPS = 3000  # a third of what was counted in three seconds of one core
LEARN = """
  const E = DiffusionExplorer, law = L.law(L.presets[given.law]());
  const path = E.path(given.path), labels = given.label < 0 ? 0 : 3;
  const net = L.network({ labels, seed: given.seed });
  const trainer = L.trainer(net, law, { path, row: given.row, seed: given.seed });
  for (let k = 0; k < given.steps; k++) { trainer.step(); }
  const { uniforms, normals } = DiffusionShared, normal = normals(100), grid = E.grid(20);
  const model = trainer.model(given.label);
  let x = Float64Array.from({ length: 4000 }, normal);
  for (let k = 1; k < grid.length; k++) {
    x = E.samplers.heun(model, x, grid[k - 1], grid[k]).x;
  }
  const fresh = law.draw(2000, uniforms(5), normals(6), given.label);
  const { step, loss, floor } = trainer.run(0);
  return { distance: L.slicedW2(x, fresh.x), least: L.floor(law, 2000, 7, given.label), step, loss,
           floor, numbers: Array.from(trainer.averaged.subarray(0, 50)) };"""
KINDS = ["velocity-linear", "eps-vp"]


def learned(law, kind, label=-1, seed=1, steps=STEPS):
    row, path = engine.KINDS[kind]
    given = {"law": law, "row": row, "path": engine.PATHS[path], "seed": seed, "steps": steps,
             "label": label}  # fmt: skip
    return engine.node()(engine.KERNELS["simd"] + LEARN, given)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("law", ["spiral", "moons", "ring", "trio"])
def test_samples(law, kind):
    found = learned(law, kind)
    assert found["distance"] < 3 * found["least"]
    assert found["step"] == STEPS + 1
    assert found["floor"] < found["loss"] < 1.2 * found["floor"]


@pytest.mark.parametrize("label", [0, 2])
def test_samples_of_a_label(label):
    found = learned("trio", "velocity-linear", label)
    assert found["distance"] < 3 * found["least"]


def test_an_untrained_network_is_far():
    found = learned("spiral", "velocity-linear", steps=0)
    assert found["distance"] > 3 * found["least"]


def test_the_seed_decides_the_numbers():
    first, again, other = (learned("ring", "eps-vp", seed=seed, steps=20)["numbers"]
                           for seed in (1, 1, 2))  # fmt: skip
    assert first == again != other


@pytest.mark.parametrize(("body", "said"), [
    ("L.network({ width: 20 })", "width must be a multiple of 8; it is 20"),
    ("L.network({ depth: 0 })", "depth must be a whole number from 1 to 8; it is 0"),
    ("L.network({ width: 8, depth: 1, numbers: [1, 2] })",
     "numbers must be as many as the network has, 368; it is 2"),
    ("train({ row: 'score' })", "row must be one of eps, x0, velocity; it is \"score\""),
    ("train({ batch: 48 })", "batch must be a multiple of 32; it is 48"),
    ("train({ drop: 2 })", "drop must be a number from 0 to 1; it is 2"),
    ("L.network({ labels: 2 }).model(path, 'eps', 2)",
     "label must be a whole number from -1 to 1; it is 2"),
])  # fmt: skip
def test_what_cannot_be_is_refused(body, said):
    asked = f"""
      const path = DiffusionExplorer.path(["linear"]), law = L.law(L.presets.trio());
      const train = (more) => L.trainer(L.network(), law, {{ path, row: "eps", ...more }});
      try {{ {body}; }} catch (error) {{ return error.message; }}"""
    assert engine.node()(asked) == said
