/* The training lines through a point: draws of the x0 and eps that may have made it. Their mean
   velocity is the exact field there. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  /* Given x_t = (x, y), x0 of a component has mean m + alpha S C⁻¹ (x_t - alpha m) and covariance
     sigma² S C⁻¹: its share, mean and a triangle for draws. */
  function posterior(component, c, x, y) {
    const [, mx, my, sxx, sxy, syy] = component, { pxx, pxy, pyy, log } = L.seen(component, c);
    const gxx = sxx * pxx + sxy * pxy, gxy = sxx * pxy + sxy * pyy;  // S C⁻¹
    const gyx = sxy * pxx + syy * pxy, gyy = sxy * pxy + syy * pyy;
    const dx = x - c.alpha * mx, dy = y - c.alpha * my;
    const l = c.sigma * Math.sqrt(gxx), m = c.sigma * c.sigma * gxy / l;
    return {
      log: log(x, y), l, m, root: Math.sqrt(Math.max(0, c.sigma * c.sigma * gyy - m * m)),
      x: mx + c.alpha * (gxx * dx + gxy * dy), y: my + c.alpha * (gyx * dx + gyy * dy),
    };
  }

  /* n independent draws: { x0, eps }, x and y in turn, and mean: the exact velocity. */
  L.lines = function (law, path, [x, y], t, n, seed, label = -1) {
    const c = path(t), parts = L.components(law, label).map((one) => posterior(one, c, x, y));
    const largest = Math.max(...parts.map((part) => part.log));
    let sum = 0;
    const sums = parts.map((part) => sum += Math.exp(part.log - largest));
    const uniform = DiffusionShared.uniforms(seed), normal = DiffusionShared.normals(seed + 1);
    const x0 = new Float64Array(2 * n), eps = new Float64Array(2 * n);
    for (let i = 0; i < 2 * n; i += 2) {
      const u = sum * uniform(), part = parts[Math.min(parts.length - 1,
        sums.findIndex((value) => value > u))], v = normal();
      x0[i] = part.x + part.l * v;
      x0[i + 1] = part.y + part.m * v + part.root * normal();
      eps[i] = (x - c.alpha * x0[i]) / c.sigma;
      eps[i + 1] = (y - c.alpha * x0[i + 1]) / c.sigma;
    }
    const mean = L.velocity(L.exact(law, path, label), Float64Array.of(x, y), t);
    return { x0, eps, mean: Array.from(mean) };
  };
});
