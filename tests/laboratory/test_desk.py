"""The worker's desk: what it answers, in which order, and what it refuses, without a browser."""

from pathlib import Path

import pytest
import torch
from laws import THREE, double, mixture, same

from diffusionbook.metrics.points import sliced_w2
from diffusionbook.randomness import seeded

STANDIN = (Path(__file__).parent / "standin.js",)
START = """
const said = [], LAW = { components: given.law, path: "linear", row: "velocity", seed: 3 };
const FLY = { sampler: "euler", steps: 5, n: 300, seed: 1 };
const take = L.desk((message, moved) => said.push({ ...message, moved: moved.length }));
let last = 0;
const send = (kind, fields) => { take({ data: { kind, id: ++last, ...fields } }); return last; };
const until = async (test) => {
  while (!test()) {
    if (performance.now() > 60_000) { throw new Error("the desk says nothing"); }
    await DiffusionShared.pause();
  }
};
const answer = async (id) => { await until(() => said.some((one) => one.id === id));
                               return said.find((one) => one.id === id); };
const rest = async () => { for (let k = 0; k < 200; k++) { await DiffusionShared.pause(); } };
send("law", LAW);
"""
CLOCKED = START.replace("moved: moved.length }));", """moved: moved.length }), async () => {
  slices.push(L.clock.now - L.clock.since); L.clock.since = L.clock.now;
  await DiffusionShared.pause(); }, () => L.clock.now += 0.5);""").replace(
      "const said = []", "L.clock = { now: 0, since: 0 }; const slices = [], said = []")


@pytest.fixture
def desk(node):
    """Run a body after a desk was told a law."""
    def ask(body: str, start: str = START, **given):
        ended = f"const found = await (async () => {{{body}}})(); send('stop'); return found;"
        return node(start + ended, {"law": THREE} | given, STANDIN)

    return ask


def test_a_law_is_introduced(desk):
    found = desk("return [await answer(1), L.made];")
    about, made = found
    points = double(about["points"]).reshape(-1, 2)
    assert about["labels"] == [0, 2] and len(points) == len(about["y"]) == 400
    assert set(about["y"]) == {0, 2} and about["moved"] == 2
    floor = [sliced_w2(*(mixture().sample(2000, seeded(k + j)) for j in (0, 50)), seeded(9))
             for k in range(4)]  # fmt: skip
    assert about["floor"] == pytest.approx(float(torch.stack(floor).mean()), rel=0.5)
    assert sliced_w2(points, mixture().sample(400, seeded(1)), seeded(2)) < 0.3
    assert made[0] == {"width": 64, "labels": 3, "seed": 3}


def test_only_the_newest_question_of_a_kind_is_answered(desk):
    """Of a kind and a model: the two panels ask for the same kind side by side."""
    body = """for (let k = 0; k < 5; k++) {
                for (const who of ["exact", "learned"]) { send("fly", { ...FLY, who, n: 900 }); }
                send("density", { who: "exact", t: 0.5, side: 9 });
                await DiffusionShared.pause();
              }
              await answer(16); await rest();
              return said.filter((one) => one.kind !== "law").map(({ kind, id }) => [kind, id]);"""
    found = desk(body)
    flights = [id for kind, id in found if kind == "fly"]
    assert sorted(flights) == [14, 15] and ["density", 16] in found
    assert len({id for _, id in found}) == len(found)


def test_a_newer_question_takes_the_place_of_one_that_is_being_answered(desk):
    body = """await answer(1);
              send("density", { who: "learned", t: 0.2, side: 128 });
              for (let k = 0; k < 5; k++) { await DiffusionShared.pause(); }
              const begun = said.length;
              const short = send("density", { who: "learned", t: 1, side: 2 });
              await answer(short); await rest();
              return [begun, said.map((one) => one.id)];"""
    assert desk(body) == [1, [1, 3]]


def test_no_particle_that_is_dropped_is_forgotten(desk):
    """And if the law changes meanwhile, they fall in the new one."""
    body = """const drop = (k) => send("drop", { who: ["learned", "exact"], from: [k / 30, 0.5],
                t: 0.9, sampler: "euler", steps: 400, seed: 1 });
              const ids = Array.from({ length: 30 }, (_, k) => drop(k));
              await DiffusionShared.pause();
              const first = said.length, law = send("law", { ...LAW, components: given.other });
              await answer(law);
              ids.push(...Array.from({ length: 30 }, (_, k) => drop(k)));
              for (const id of ids) { await answer(id); }
              await rest();
              const drops = said.filter((one) => one.kind === "drop");
              return [first, drops.map((one) => one.id), ids, drops[0],
                      drops.map((one) => Array.from(one.paths.exact[one.grid.length - 1]))];"""
    far = [[1, 2.5, 2.5, 0.0004, 0, 0.0004, 0]]
    first, answered, asked, one, ends = desk(body, other=far)
    assert first < 30 and sorted(answered) == asked
    assert one["grid"][0] == 0.9 and len(one["grid"]) == 361 == len(one["paths"]["learned"])
    assert (double(ends) - 2.5).abs().max() < 0.2


def test_training_streams_until_it_is_stopped_and_goes_on_where_it_was(desk):
    body = """await answer(1);
      const stream = async (fields) => {
        const id = send("train"), from = said.length, begun = L.clock.now;
        const heard = () => said.slice(from).filter((one) => one.kind === "train");
        await until(() => heard().length >= 5);
        const rate = (L.clock.now - begun) / heard().length;
        const stopped = await answer(send("stop"));
        await rest();
        return { id, heard: heard(), stopped, rate };
      };
      return [await stream(), await stream(), Math.max(...slices)];"""
    *streams, longest = desk(body, CLOCKED)
    assert longest <= 15 + 12  # a pause may follow two slices, of training and of a question
    steps = []
    for stream in streams:
        assert {one["id"] for one in stream["heard"]} == {stream["id"]}
        assert 90 < stream["rate"] < 130  # milliseconds between two reports
        for one in stream["heard"]:
            steps += [step for step, _ in one["loss"]]
            assert one["step"] == one["loss"][-1][0] == one["floor"][-1][0]
            assert one["loss"][0][1] == pytest.approx(2 / one["loss"][0][0])
            assert one["seconds"] == pytest.approx(one["step"] / 1000)
            assert one["stepsPerSecond"] == pytest.approx(1000)
        assert stream["stopped"]["step"] == stream["heard"][-1]["step"]
    assert steps == sorted(set(steps))
    assert {b - a for a, b in zip(steps, steps[1:], strict=False)} == {12}  # each slice is reported


def test_questions_are_answered_between_slices_of_training(desk):
    body = """await answer(1);
      send("train");
      await until(() => said.some((one) => one.kind === "train"));
      const begun = L.clock.now, sent = slices.length;
      await answer(send("field", { who: "learned", t: 0.5, places: [0, 0, 1, 1] }));
      const field = L.clock.now - begun;
      await answer(send("fly", { ...FLY, who: "learned", n: 2000, steps: 50 }));
      await until(() => said[said.length - 1].kind === "train");
      return [field, slices.slice(sent), said[said.length - 1].step];"""
    field, slices, step = desk(body, CLOCKED)
    assert field <= 40
    assert max(slices) <= 15 and len(slices) > 20
    assert step > 100  # the long flight did not hold up training


def test_a_new_law_ends_training_and_begins_anew(desk):
    body = """await answer(1);
      send("train");
      await until(() => said.some((one) => one.kind === "train"));
      const fly = send("fly", { ...FLY, who: "learned", n: 3000, steps: 100 });
      for (let k = 0; k < 5; k++) { await DiffusionShared.pause(); }
      await answer(send("law", { ...LAW, path: "vp", row: "eps", seed: 4, width: 32 }));
      const there = said.length;
      await rest();
      const silent = !said.slice(there).some((one) => one.kind === "train");
      const first = await answer(send("train"));
      return [said.some((one) => one.id === fly), silent, first.loss[0][0], L.made.slice(2)];"""
    flown, silent, step, made = desk(body, CLOCKED)
    assert not flown and silent and step == 12
    assert made[0] == {"width": 32, "labels": 3, "seed": 4}
    assert (made[1]["row"], made[1]["seed"]) == ("eps", 4)


def test_a_network_of_a_law_with_one_label_is_told_none(desk):
    body = """const { labels } = await answer(1);
      const flown = await answer(send("fly", { ...FLY, who: "learned", label: 0, w: 2 }));
      return [labels, flown.error || null, L.made[0].labels];"""
    assert desk(body, law=[[1, 0, 0, 1, 0, 1, 0]]) == [[0], None, 0]


def test_a_law_that_is_refused_leaves_the_old_one(desk):
    body = """await answer(1);
      send("train");
      const law = send("law", { ...LAW, components: [] }), { error } = await answer(law);
      const field = await answer(send("field", { who: "exact", t: 1, places: [1, 0] }));
      return [error, field.u, said.some((one) => one.kind === "train" && one.id === 2)];"""
    error, u, _ = desk(body)
    assert error == "components must be a list of 1 to 400; it is 0"
    same(u, double([1, 0]) - mixture().mean(), 1e-6)


FLY = {"who": "exact", "sampler": "euler", "steps": 5, "n": 10, "seed": 1}
DROP = {"who": ["exact"], "from": [0, 0], "t": 0.5, "sampler": "euler", "steps": 3, "seed": 0}
LAW = {"components": THREE, "path": "linear", "row": "velocity", "seed": 1}
REFUSED = [
    ("dance", {}, "kind must be one of law, train, stop, fly, drop, field, density, lines, error"),
    (None, {}, "kind must be one of"),
    ("law", LAW | {"path": "cosine"}, "path must be one of linear, vp; it is \"cosine\""),
    ("law", LAW | {"row": "score"}, "row must be one of velocity, eps, x0; it is \"score\""),
    ("law", LAW | {"seed": -1}, "seed must be a whole number from 0 to 2147483648; it is -1"),
    ("law", LAW | {"width": 4000}, "width must be a whole number from 8 to 256; it is 4000"),
    ("fly", FLY | {"who": "both"}, "who must be one of exact, learned; it is \"both\""),
    ("fly", FLY | {"sampler": "magic"}, "sampler must be one of ddpm, ddim, euler, heun, dpmpp2m"),
    ("fly", FLY | {"steps": 0}, "steps must be a whole number from 1 to 500; it is 0"),
    ("fly", FLY | {"n": 1.5}, "n must be a whole number from 1 to 20000; it is 1.5"),
    ("fly", FLY | {"n": None}, "n must be a whole number from 1 to 20000; it is null"),
    ("fly", FLY | {"label": 1}, "label must be one of -1, 0, 2; it is 1"),
    ("fly", FLY | {"label": 0, "w": None}, "w must be a number from 0 to 20; it is null"),
    ("fly", FLY | {"w": 21}, "w must be a number from 0 to 20; it is 21"),
    ("drop", DROP | {"who": "exact"}, "who must be a list of models; it is \"exact\""),
    ("drop", DROP | {"who": ["me"]}, "who must be one of exact, learned; it is \"me\""),
    ("drop", DROP | {"from": [1, 2, 3, 4]}, "from must be two finite numbers, x and y"),
    ("drop", DROP | {"from": [1, None]}, "from must be a list of finite numbers, x and y in turn"),
    ("drop", DROP | {"t": 2}, "t must be a number from 0 to 1; it is 2"),
    ("field", {"who": "exact", "t": 1, "places": [1]}, "places must be a list of finite numbers"),
    ("density", {"who": "exact", "t": 1, "side": 500}, "side must be a whole number from 2 to 128"),
    ("lines", {"x": 0, "y": 0, "t": 1, "n": 0}, "n must be a whole number from 1 to 1000; it is 0"),
    ("lines", {"x": None, "y": 0, "t": 0.5, "n": 3}, "x must be a number; it is null"),
    ("error", {"side": 9, "t": 0.5}, "times must be a list of at most 200 times; it is undefined"),
    ("error", {"side": 9, "t": 0.5, "times": [3]}, "t must be a number from 0 to 1; it is 3"),
]


def test_what_cannot_be_answered_is_refused_by_name(desk):
    body = """await answer(1);
              const found = [];
              for (const [kind, fields] of given.asked) {
                found.push(await answer(send(kind, fields)));
              }
              return found;"""
    found = desk(body, asked=[(kind, fields) for kind, fields, _ in REFUSED])
    for one, (kind, _, why) in zip(found, REFUSED, strict=True):
        assert one["error"].startswith(why) and one.get("kind") == kind


def test_without_a_law_nothing_is_answered(desk):
    body = """return [await answer(send("train")), await answer(send("fly", FLY))];"""
    found = desk(body, START.rpartition("send(")[0])
    assert [one["error"] for one in found] == [
        f"law must be told before any {kind}; it is undefined" for kind in ("train", "fly")]


def test_a_network_that_breaks_is_told_once_and_ends_training(desk):
    body = """await answer(1);
              L.breaks = true;
              const train = await answer(send("train"));
              await rest();
              return [train.error, said.length];"""
    assert desk(body) == ["the network broke", 2]


def test_rubbish_leaves_the_desk_at_work(desk):
    """Values of every kind in every field: each question gets one answer or a refusal."""
    body = """await answer(1);
      const uniform = DiffusionShared.uniforms(given.seed), pick = (list) =>
        list[Math.floor(uniform() * list.length)];
      const values = [null, undefined, NaN, Infinity, -1, 0, 1, 1e308, "", "exact", "toString", [],
        {}, [NaN, 1], ["exact"], { length: 3 }, { toString: 1, valueOf: 2 }, new Float64Array(3)];
      const kinds = ["train", "stop", "constructor", ...Object.keys(L.answers), ...values];
      const names = ["who", "sampler", "steps", "n", "seed", "label", "w", "from", "t", "places",
                     "side", "x", "y", "times"];
      for (let k = 0; k < 600; k++) {
        const fields = Object.fromEntries(names.map((name) => [name, pick(values)]));
        const question = { ...fields, kind: pick(kinds), id: 1000 + k };
        take({ data: uniform() < 0.1 ? pick(values) : question });
        if (k % 3 === 0) { await DiffusionShared.pause(); }
      }
      await answer(send("stop"));
      const field = await answer(send("field", { who: "exact", t: 1, places: [1, 0] }));
      return [field.u, said.filter((one) => "error" in one && typeof one.error !== "string").length,
              said.length];"""
    u, odd, said = desk(body, seed=5)
    same(u, double([1, 0]) - mixture().mean(), 1e-6)
    assert odd == 0 and said > 100
