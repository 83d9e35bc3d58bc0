/* Batches to learn from: fresh points of the law, noise and times, and what is wanted of a network
   there. Times are equally spaced, with a shift of each batch's own, so each batch has all. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  /* size: points in each. path, row: as in target.js. labels: whether the network is told any;
     drop: the share that is not told. Returned are arrays that each `next` fills anew. */
  L.batches = function (law, { path, row, size, labels, drop, seed, soonest = L.SOONEST }) {
    const target = L.target(path, row), means = new Map(), found = [0, 0];
    const uniform = DiffusionShared.uniforms(seed), normal = DiffusionShared.normals(seed + 1);
    const numbers = (many) => new Float64Array(many);
    const batch = { size, x: numbers(2 * size), wanted: numbers(2 * size), t: numbers(size),
                    weight: numbers(size), label: new Int8Array(size), x0: null,
                    slip: numbers(size), alpha: numbers(size), sigma: numbers(size) };

    batch.next = function () {
      const drawn = law.draw(size, uniform, normal), shift = uniform();
      batch.x0 = drawn.x;
      for (let i = 0; i < size; i++) {
        const t = batch.t[i] = soonest + (1 - soonest) * (i + shift) / size, c = path(t);
        const [p, q] = target.row(c), unit = target.unit(c), along = target.guess(c);
        batch.alpha[i] = c.alpha;
        batch.sigma[i] = c.sigma;
        batch.slip[i] = (p - q * c.alpha / c.sigma) / unit;  // the row's error for one of x0's
        batch.weight[i] = target.weight(c);
        batch.label[i] = labels && uniform() >= drop ? drawn.y[i] : -1;
        for (let k = 2 * i; k < 2 * i + 2; k++) {
          const eps = normal(), x0 = drawn.x[k];
          batch.x[k] = c.alpha * x0 + c.sigma * eps;
          batch.wanted[k] = (p * x0 + q * eps - along * batch.x[k]) / unit;
        }
      }
      return batch;
    };

    /* What the exact answer loses on this batch: no network loses less in the long run. */
    batch.floor = function () {
      let lost = 0;
      for (let i = 0; i < size; i++) {
        const label = batch.label[i];
        if (!means.has(label)) { means.set(label, L.posteriorMean(law.table(label))); }
        means.get(label)(batch.x[2 * i], batch.x[2 * i + 1], batch.alpha[i], batch.sigma[i], found);
        const dx = found[0] - batch.x0[2 * i], dy = found[1] - batch.x0[2 * i + 1];
        lost += batch.weight[i] * batch.slip[i] ** 2 * (dx * dx + dy * dy);
      }
      return lost / (2 * size);
    };
    return batch;
  };

  L.SOONEST = 1e-3;  // the first time that is learned: at 0 there is no noise to take away
});
