"""The desk in a worker of a page that was opened from a file: the parts' text is all it has."""

import shutil

import pytest
import visit
from laboratory_scripts import SCRIPTS
from node import STATIC

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Desk</title>%s</head>
<body class="bd-article"><main><h1>Desk</h1></main></body></html>"""
ASK = """async (law) => {
  const L = DiffusionLaboratory, worker = DiffusionPart.worker(), said = [], errors = [];
  let last = 0, wake = () => {};
  worker.onmessage = ({ data }) => { said.push(data); wake(); };
  worker.onerror = (event) => { errors.push(event.message); wake(); };
  const until = async (test) => {
    while (!test() && !errors.length) { await new Promise((done) => { wake = done; }); } };
  const send = (kind, fields) => {
    worker.postMessage({ kind, id: ++last, ...fields }); return last; };
  const answer = async (id) => { await until(() => said.some((one) => one.id === id));
                                 return said.find((one) => one.id === id) || {}; };
  const fly = { sampler: "heun", steps: 12, n: 500, seed: 1 };
  const about = await answer(send("law", { components: L.presets[law](), path: "linear",
                                           row: "velocity", seed: 1 }));
  const before = await answer(send("fly", { who: "learned", ...fly }));
  const train = send("train"), steps = () => Math.max(0, ...said.filter((one) =>
    one.kind === "train").map((one) => one.step));
  await until(() => steps() > 300);
  const during = await answer(send("fly", { who: "learned", ...fly }));
  await until(() => steps() > 800);
  const stopped = await answer(send("stop"));
  const after = await answer(send("fly", { who: "learned", ...fly }));
  const exact = await answer(send("fly", { who: "exact", label: 0, w: 2, ...fly }));
  const density = await answer(send("density", { who: "learned", t: 0.2, side: 16 }));
  const error = await answer(send("error", { side: 16, t: 0.3, times: [0.2, 0.8] }));
  const refused = await answer(send("fly", { who: "learned", ...fly, steps: 0 }));
  const loss = said.filter((one) => one.kind === "train").flatMap((one) => one.loss);
  return { errors, about: about.labels, stopped: stopped.step, refused: refused.error,
           distances: [before, during, after, exact].map((one) => one.distance),
           floor: after.floor, loss: [loss[0], loss[loss.length - 1]],
           mass: density.values.reduce((sum, value) => sum + value, 0) * (6 / 16) ** 2,
           error: [error.values.length, error.curve.length] };
}"""


def test_the_desk_trains_and_answers_in_a_worker(browser, tmp_path):
    shutil.copytree(STATIC / "js", tmp_path / "js")
    page = tmp_path / "desk.html"
    page.write_text(PAGE % "".join(f'<script defer src="{name}.js"></script>' for name in SCRIPTS),
                    "utf-8")
    with visit.visit(browser, page.as_uri()) as seen:
        found = seen.page.evaluate(ASK, "moons")
        assert seen.errors == [] and seen.outside() == []
    assert found["errors"] == [] and found["about"] == [0, 1]
    before, during, after, guided = found["distances"]
    assert max(during, after) < before and after < 3 * found["floor"]
    assert found["stopped"] > 800 and found["loss"][-1][1] < found["loss"][0][1]
    assert guided > 0 and found["mass"] == pytest.approx(1, abs=0.1)
    assert found["error"] == [256, 2]
    assert found["refused"] == "steps must be a whole number from 1 to 500; it is 0"
