/* The exact field of a Gaussian mixture: E[x0 | x_t] in closed form.
   The JavaScript of diffusionbook.exact.gaussians, in double precision. */
DiffusionPart("DiffusionExplorer", function (E) {
  "use strict";

  /* A component seen through alpha and sigma: x_t is Gaussian with mean alpha m and covariance
     C = alpha² S + sigma² I. Given x_t = x, x0 has mean m + G (x - alpha m), G = alpha S C⁻¹. */
  function noisy([weight, mx, my, sxx, sxy, syy], alpha, sigma) {
    const a = alpha * alpha * sxx + sigma * sigma, b = alpha * alpha * sxy;
    const c = alpha * alpha * syy + sigma * sigma, det = a * c - b * b;
    const pxx = c / det, pxy = -b / det, pyy = a / det;
    return {
      mx, my, ax: alpha * mx, ay: alpha * my, pxx, pxy, pyy,
      gxx: alpha * (sxx * pxx + sxy * pxy), gxy: alpha * (sxx * pxy + sxy * pyy),
      gyx: alpha * (sxy * pxx + syy * pxy), gyy: alpha * (sxy * pxy + syy * pyy),
      log: Math.log(weight) - Math.log(det) / 2,
    };
  }

  /* A model like a network's, exact. table: weight, mean x, y and covariance xx, xy, yy of each
     component, one after another; path: see paths.js. */
  E.mixture = function (table, path) {
    const components = [];
    for (let i = 0; i < table.length; i += 6) { components.push(table.subarray(i, i + 6)); }
    const logs = new Float64Array(components.length);

    function predict(x, t) {
      const c = path(t), x0 = new Float64Array(x.length);
      const seen = components.map((component) => noisy(component, c.alpha, c.sigma));
      for (let i = 0; i < x.length; i += 2) {
        let largest = -Infinity, total = 0, sumX = 0, sumY = 0;
        for (let k = 0; k < seen.length; k++) {
          const s = seen[k], dx = x[i] - s.ax, dy = x[i + 1] - s.ay;
          logs[k] = s.log - (s.pxx * dx * dx + 2 * s.pxy * dx * dy + s.pyy * dy * dy) / 2;
          if (logs[k] > largest) { largest = logs[k]; }
        }
        for (let k = 0; k < seen.length; k++) {
          if (logs[k] < largest - 40) { continue; }  // less than 1e-17 of the largest
          const s = seen[k], share = Math.exp(logs[k] - largest);
          const dx = x[i] - s.ax, dy = x[i + 1] - s.ay;
          total += share;
          sumX += share * (s.mx + s.gxx * dx + s.gxy * dy);
          sumY += share * (s.my + s.gyx * dx + s.gyy * dy);
        }
        x0[i] = sumX / total;
        x0[i + 1] = sumY / total;
      }
      return { x0, eps: x.map((value, i) => (value - c.alpha * x0[i]) / c.sigma) };
    }
    return { path, predict };
  };
});
