/* How far two clouds are apart: the sliced Wasserstein distance, and what two draws of one law
   leave of it. As diffusionbook.metrics.points has it, but for the directions: equally spaced. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const PAIRS = 3;

  /* Long work is a generator that yields wherever it may be laid aside. Its result, all at once: */
  L.finished = function (work) {
    for (;;) {
      const { done, value } = work.next();
      if (done) { return value; }
    }
  };

  function onto(x, cos, sin) {
    const line = new Float64Array(x.length / 2);
    for (let i = 0; i < line.length; i++) { line[i] = cos * x[2 * i] + sin * x[2 * i + 1]; }
    return line.sort();
  }

  L.measured = function* (a, b, directions = 64) {
    if (!a.length || a.length !== b.length) {
      L.refuse("a and b", [a.length, b.length], "clouds of the same size, not empty");
    }
    let sum = 0;
    for (let k = 0; k < directions; k++) {
      const angle = Math.PI * k / directions, cos = Math.cos(angle), sin = Math.sin(angle);
      const from = onto(a, cos, sin), to = onto(b, cos, sin);
      for (let i = 0; i < from.length; i++) { sum += (from[i] - to[i]) ** 2; }
      yield;
    }
    return Math.sqrt(sum / (directions * a.length / 2));
  };

  L.slicedW2 = (a, b, directions) => L.finished(L.measured(a, b, directions));

  /* The mean distance of pairs of fresh draws of the law. */
  L.measuredFloor = function* (law, n, seed, label = -1) {
    const uniform = DiffusionShared.uniforms(seed), normal = DiffusionShared.normals(seed + 1);
    let sum = 0;
    for (let k = 0; k < PAIRS; k++) {
      const [a, b] = [1, 2].map(() => law.draw(n, uniform, normal, label).x);
      sum += yield* L.measured(a, b);
    }
    return sum / PAIRS;
  };

  L.floor = (law, n, seed, label) => L.finished(L.measuredFloor(law, n, seed, label));
});
