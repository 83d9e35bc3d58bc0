"""A laboratory passed on: as an address, as a file, and as a cell of a notebook."""

import json

import torch
from laws import THREE, mixture, points, same

STATE = {"preset": "moons", "path": "vp", "row": "x0", "sampler": "ddim", "steps": 7, "label": 1,
         "w": 2.5, "seed": 12, "see": ["particles", "error"]}  # fmt: skip
DRAWN = {"components": [*THREE, [1, 0.123456789, -2.5, 0.0064, 0, 0.0064, 1]],
         "path": "vp", "row": "x0", "label": 1}
STATES = [STATE, DRAWN, {"preset": "ring"}, {"components": []}, STATE | {"see": []}]
OPEN = """return given.map((text) => {
            try { L.opened(text); } catch (error) { return error.message; } });"""


def test_an_address_brings_back_the_state(node):
    body = "return given.map((state) => [L.encode(state), L.decode(L.encode(state))]);"
    for (address, found), state in zip(node(body, STATES), STATES, strict=True):
        rounded = [[round(x, 4) for x in row] for row in state.get("components", [])]
        assert found == state | ({"components": rounded} if "components" in state else {})
        assert len(address) < 200 and set(address) <= set(
            "abcdefghijklmnopqrstuvwxyz0123456789=&_~.-")


def test_a_law_that_went_through_an_address_is_the_same_to_the_eye(node):
    """And what is written once more is the same to the letter. A full law stays below 16,000."""
    body = """const normal = DiffusionShared.normals(1), law = Array.from({ length: 400 }, () => {
        const [a, b, c] = [normal(), normal(), normal()];
        return [Math.exp(a), normal(), normal(), a * a + 0.01, a * b, b * b + c * c + 0.01, 2]; });
      const text = L.encode({ components: law }), found = L.decode(text).components;
      const dots = L.encode({ components: law.map(() => L.painted(-1.23456, 2.34567, 1)) });
      return { law, found, again: L.encode({ components: found }) === text, long: text.length,
               dots: dots.length };
    """
    answer = node(body)
    law, found = (torch.tensor(answer[key], dtype=torch.float64) for key in ("law", "found"))
    assert answer["again"] and answer["long"] < 32_000 and answer["dots"] < 10_000
    same(answer["found"], law, 1e-4)
    assert ((found - law).abs() <= 1e-7 * law.abs())[:, [0, 3, 4, 5, 6]].all()


def test_rubbish_is_no_address(node):
    body = """
      const uniform = DiffusionShared.uniforms(3);
      const pick = (list) => list[Math.floor(uniform() * list.length)];
      const good = given.map(L.encode), marks = [..."=&_~.-%0159eE#NaxX\\u0000\\ud800 \\u00e9"];
      let read = 0, count = 0;
      for (let k = 0; k < 20000; k++) {
        let text = pick(good);
        for (let j = Math.floor(uniform() * 4); j >= 0; j--) {
          const at = Math.floor(uniform() * (text.length + 1)), way = uniform();
          text = way < 0.4 ? text.slice(0, at) + pick(marks) + text.slice(at + 1)
            : way < 0.6 ? text.slice(0, at) : way < 0.8 ? text.slice(at)
            : text.slice(0, at) + pick(good).slice(at / 2) + text.slice(at);
        }
        const state = L.decode(text);  // must not throw
        count += 1;
        if (state === null) { continue; }
        read += 1;
        if (JSON.stringify(L.opened(L.file(state))) !== JSON.stringify(state)) { return text; }
        if (state.components && state.components.length) { L.law(state.components); }
      }
      const odd = [undefined, null, 7, {}, [], "", "#", "%", "section-2", "preset=toString",
        "seed=3", "preset=moons&components=", "preset=moons&steps=1e9", "preset=moons&steps=",
        "preset=moons&w=-1", "preset=moons&label=0.5", "components=_", "components=1_2_0_0",
        "components=11_0_1_0", "__proto__=1", "preset=moons&see=walls"];
      return [read, count, odd.filter((text) => L.decode(text) !== null)];"""
    read, count, odd = node(body, STATES)
    assert odd == []
    assert count == 20_000 and 500 < read < 19_000


def test_an_address_that_was_escaped_on_its_way_is_read(node):
    body = "return L.decode(encodeURIComponent(L.encode(given)) + '&utm=1');"
    assert node(body, STATE) == STATE


def test_a_file_brings_back_every_digit(node):
    body = "return given.map((state) => [L.file(state), L.opened(L.file(state))]);"
    for (text, found), state in zip(node(body, STATES), STATES, strict=True):
        assert found == state
        assert json.loads(text) == {"diffusion-laboratory": 1} | state


FILES = [
    ("{", 'the file must be JSON, as the laboratory saves it; it is "{"'),
    ("[]", 'the file must be a laboratory, with "diffusion-laboratory": 1; it is []'),
    ("null", 'the file must be a laboratory, with "diffusion-laboratory": 1; it is null'),
    ('{"diffusion-laboratory": 2}', "the file must be a laboratory"),
    ({}, "the law must be either a preset or components; it is [\"diffusion-laboratory\"]"),
    (STATE | {"components": THREE}, "the law must be either a preset or components"),
    (STATE | {"preset": "cow"}, "preset must be one of spiral, moons, checkerboard, ring, trio"),
    (STATE | {"steps": 51}, "steps must be a whole number from 1 to 50; it is 51"),
    (STATE | {"w": "2"}, 'w must be a number from 0 to 5; it is "2"'),
    (STATE | {"seed": 0}, "seed must be a whole number from 1 to 9999; it is 0"),
    (STATE | {"label": 3}, "label must be a whole number from -1 to 2; it is 3"),
    (STATE | {"see": "all"}, 'see must be a list; it is "all"'),
    (STATE | {"see": ["all"]}, "see must be one of particles, tracks"),
    (STATE | {"sampler": None}, "sampler must be one of ddpm, ddim, euler, heun, dpmpp2m; it is"),
    ({"components": [[1, 0, 0, 1, 2, 1, 0]]}, "component 0: covariance must be positive definite"),
    ({"components": [[1, 0, 11, 1, 0, 1, 0]]}, "component 0: mean must be a number from -10 to 10"),
    ({"components": [[1, 0, 0, 1, 0, 101, 0]]}, "component 0: covariance must be a number from"),
]


def test_a_file_that_is_none_is_refused_by_name(node):
    texts = [text if isinstance(text, str) else json.dumps({"diffusion-laboratory": 1} | text)
             for text, _ in FILES]  # fmt: skip
    found = node(OPEN, texts)
    for message, (_, why) in zip(found, FILES, strict=True):
        assert message.startswith(why)


def test_the_cell_builds_the_law_and_draws_from_it(node):
    found = {}
    cell = node("return L.cell(L.law(given));", DRAWN["components"])
    exec(compile(cell, "cell", "exec"), found)
    wanted, x = mixture(DRAWN["components"]), points()
    same(found["law"].log_prob(x).tolist(), wanted.log_prob(x), 1e-12)
    assert torch.equal(found["law"].labels, wanted.labels)
    assert found["points"].shape == (1000, 2) and len(found["labels"]) == 1000
