/* Exact models of a law, and guidance. A model is { path, predict(x, t) -> { x0, eps } }. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const E = DiffusionExplorer;
  L.PATHS = { linear: ["linear"], vp: ["vp", 0.1, 20] };
  L.SOON = 1e-3;  // nearest to the data that a model is asked: at t = 0 nothing is to be removed

  L.path = (name) => E.path(L.PATHS[L.oneOf("path", name, Object.keys(L.PATHS))]);

  L.exact = (law, path, label = -1) => E.mixture(law.table(label), path);

  /* untold + w (told - untold), as diffusionbook.guidance.cfg: w = 1 is told alone, w = 0 untold;
     other scales cost two looks at once. */
  L.guided = function (told, untold, w) {
    L.number("w", w);
    if (w === 1) { return told; }
    if (w === 0) { return untold; }
    const beyond = (a, b) => a.map((value, i) => b[i] + w * (value - b[i]));
    function predict(x, t) {
      const strong = told.predict(x, t), weak = untold.predict(x, t);
      return { x0: beyond(strong.x0, weak.x0), eps: beyond(strong.eps, weak.eps) };
    }
    return { path: told.path, predict, looks: 2 };
  };

  L.velocity = (model, x, t) => E.velocity(model.path(t), model.predict(x, t));

  /* A function of many points, x and y in turn, called for some of them at a time; it returns
     `width` numbers for each. A generator, as all long work here: see distance.js. */
  L.inGroups = function* (x, width, of, size = 200) {
    const found = new Float64Array(x.length / 2 * width);
    for (let i = 0; i < x.length; i += 2 * size) {
      found.set(of(x.slice(i, i + 2 * size)), i / 2 * width);
      yield;
    }
    return found;
  };
});
