/* How far a learned field is from the exact one: over the plane at one time, and on average over
   the points that there are at each of some times. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  /* |u - v| at each place. */
  L.apart = (models, x, t) => L.inGroups(x, 1, function (some) {
    const [u, v] = models.map((model) => L.velocity(model, some, t));
    return Float64Array.from({ length: some.length / 2 }, (_, i) =>
      Math.hypot(u[2 * i] - v[2 * i], u[2 * i + 1] - v[2 * i + 1]));
  });

  /* E |u - v|² over n draws of x_t, for each time. */
  L.errorCurve = function* (models, law, times, n, seed, label = -1) {
    const uniform = DiffusionShared.uniforms(seed), normal = DiffusionShared.normals(seed + 1);
    const { x } = law.draw(n, uniform, normal, label), eps = x.map(normal), found = [];
    for (const t of times) {
      const { alpha, sigma } = models[0].path(t);
      const apart = yield* L.apart(models, x.map((value, i) => alpha * value + sigma * eps[i]), t);
      found.push(apart.reduce((sum, value) => sum + value * value, 0) / n);
    }
    return found;
  };
});
