/* What the worker knows of the page: the law, the path, the network that learns it, and the models
   that questions ask about. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  L.WHO = ["exact", "learned"];

  /* A room for the law of a question; the network begins anew from its seed. */
  L.room = function ({ components, path, row, seed, width = 64 }) {
    const law = L.law(components), along = L.path(path), floors = new Map();
    L.oneOf("row", row, ["velocity", "eps", "x0"]);
    L.whole("seed", seed, 0, 2 ** 31);
    L.whole("width", width, 8, 256);
    const told = law.labels.length > 1;  // one label says nothing
    const labels = told ? law.labels[law.labels.length - 1] + 1 : 0;
    const net = L.network({ width, labels, seed }), trainer = L.trainer(net, law,
      { path: along, row, seed });

    /* The model of a question: exact or as trained so far, of a label if one is told, guided. */
    function model({ who, label = -1, w = 1 }) {
      L.oneOf("who", who, L.WHO);
      L.oneOf("label", label, [-1, ...law.labels]);
      L.number("w", w, 0, 20);
      const now = who === "learned" && Float32Array.from(trainer.averaged);  // training goes on
      const of = (one) => who === "exact" ? L.exact(law, along, one)
        : trainer.model(told ? one : -1, now);
      return label < 0 ? of(-1) : L.guided(of(label), of(-1), w);
    }

    /* The floor of the distance of n draws, measured once for each label. */
    function* floor(n, label = -1) {
      const key = `${n} ${label}`;
      if (!floors.has(key)) { floors.set(key, yield* L.measuredFloor(law, n, seed + 10, label)); }
      return floors.get(key);
    }

    return { law, path: along, trainer, model, floor };
  };
});
