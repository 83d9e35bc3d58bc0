/* The answer to each kind of question: a generator that is called with the room and the question,
   yields wherever it may be laid aside, and returns the answer's fields. No model is asked at t = 0,
   where there is no noise to take away: a time below L.SOON means L.SOON. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const E = DiffusionExplorer, FLOOR = 2000, SHOWN = 400, CURVE = 200;  // draws
  const single = (x) => Float32Array.from(x);
  const soon = (t) => Math.max(L.SOON, L.number("t", t, 0, 1));

  function sampled({ sampler, steps, seed = 0 }) {
    L.oneOf("sampler", sampler, Object.keys(E.samplers));
    L.whole("steps", steps, 1, 500);
    L.whole("seed", seed, 0, 2 ** 31);
    return { sampler, steps, seed };
  }

  /* What is said of a law once it is there. */
  L.introduced = function* (room, { seed }) {
    const { law } = room, labels = law.labels, floor = yield* room.floor(FLOOR);
    const { x, y } = law.draw(SHOWN, DiffusionShared.uniforms(seed + 3),
      DiffusionShared.normals(seed + 4));
    return { labels, floor, points: single(x), y };
  };

  /* A cloud from noise, and how far it is from the law of the label that was asked for. */
  function* fly(room, question) {
    const { sampler, steps, seed } = sampled(question), { n, label = -1 } = question;
    const model = L.counted(room.model(question)), grid = E.grid(steps);
    const normal = DiffusionShared.normals(seed);
    const noise = Float64Array.from({ length: 2 * L.whole("n", n, 1, 20000) }, normal);
    const frames = yield* L.flight(model, sampler, grid, noise, seed + 1);
    const data = room.law.draw(n, DiffusionShared.uniforms(seed + 2), normal, label).x;
    const distance = yield* L.measured(frames[steps], data), floor = yield* room.floor(n, label);
    return { grid, frames, distance, floor, looks: model.asked / n };
  }

  /* One particle, in every model of a list, on the grid of so many steps from noise on. */
  function* drop(room, question) {
    const { sampler, steps, seed } = sampled(question), { who, from, t } = question;
    const place = L.pairs("from", from), grid = E.grid(steps, L.number("t", t, 0, 1));
    if (place.length !== 2) { L.refuse("from", from, "two finite numbers, x and y"); }
    if (!Array.isArray(who) || !who.length) { L.refuse("who", who, "a list of models"); }
    const paths = {};
    for (const one of who) {
      const model = room.model({ ...question, who: one });
      paths[one] = yield* L.flight(model, sampler, grid, place, seed);
    }
    return { paths, grid };
  }

  function* field(room, question) {
    const model = room.model(question), t = soon(question.t);
    const places = L.pairs("places", question.places);
    return { u: single(yield* L.inGroups(places, 2, (some) => L.velocity(model, some, t))) };
  }

  /* Of an exact law by its formula; a network and a guided field have no formula, but a flow. */
  function* density(room, question) {
    const { who, label = -1, w = 1 } = question, model = room.model(question), t = soon(question.t);
    const x = L.raster(L.whole("side", question.side, 2, 128));
    const formula = who === "exact" && (label < 0 || w === 1 || w === 0);
    const exact = (some) => L.logDensity(room.law, room.path, t, some, w === 0 ? -1 : label);
    const logs = yield* (formula ? L.inGroups(x, 1, exact) : L.likelihood(model, x, t));
    return { values: single(logs.map(Math.exp)) };
  }

  function* lines(room, { x, y, t, n, seed = 0, label = -1 }) {
    const place = [L.number("x", x), L.number("y", y)];
    L.whole("n", n, 1, 1000);
    L.whole("seed", seed, 0, 2 ** 31);
    const found = L.lines(room.law, room.path, place, soon(t), n, seed, label);
    return { x0: single(found.x0), eps: single(found.eps), mean: found.mean };
  }

  function* error(room, { side, t, times, label = -1, w = 1 }) {
    const models = ["learned", "exact"].map((who) => room.model({ who, label, w }));
    const x = L.raster(L.whole("side", side, 2, 128));
    if (!Array.isArray(times) || times.length > 200) {
      L.refuse("times", times, "a list of at most 200 times");
    }
    const values = single(yield* L.apart(models, x, soon(t)));
    const curve = yield* L.errorCurve(models, room.law, times.map(soon), CURVE, 1, label);
    return { values, curve };
  }

  L.answers = { fly, drop, field, density, lines, error };
});
