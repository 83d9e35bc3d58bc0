/* A Gaussian mixture in closed form, as diffusionbook.exact.gaussians has it: what a noisy point
   says about its data, and what an observation leaves. A table holds a row for each component:
   weight, mean x, y and covariance xx, xy, yy. */
(function (S) {
  "use strict";

  /* Weights that sum to 1, from logarithms. */
  S.normalised = function (logs) {
    const largest = Math.max(...logs), weights = logs.map((value) => Math.exp(value - largest));
    const total = weights.reduce((sum, value) => sum + value, 0);
    return weights.map((value) => value / total);
  };

  /* A component seen through alpha and sigma: given x_t = x, x0 is Gaussian with mean
     m + G (x - alpha m), G = alpha S C⁻¹, and covariance S - alpha G S; C is that of x_t. */
  function noisy([weight, mx, my, sxx, sxy, syy], alpha, sigma) {
    const a = alpha * alpha * sxx + sigma * sigma, b = alpha * alpha * sxy;
    const c = alpha * alpha * syy + sigma * sigma, det = a * c - b * b;
    const pxx = c / det, pxy = -b / det, pyy = a / det;
    const gxx = alpha * (sxx * pxx + sxy * pxy), gxy = alpha * (sxx * pxy + sxy * pyy);
    const gyx = alpha * (sxy * pxx + syy * pxy), gyy = alpha * (sxy * pxy + syy * pyy);
    return {
      mx, my, ax: alpha * mx, ay: alpha * my, pxx, pxy, pyy, gxx, gxy, gyx, gyy,
      vxx: sxx - alpha * (gxx * sxx + gxy * sxy), vxy: sxy - alpha * (gxx * sxy + gxy * syy),
      vyy: syy - alpha * (gyx * sxy + gyy * syy), log: Math.log(weight) - Math.log(det) / 2,
    };
  }

  /* A function (x, y) → what x0 is, given that x_t = (x, y): the share of each component; mean x0
     [x, y]; covariance V [xx, xy, yy]; third central moment K [xxx, xxy, xyy, yyy]. */
  S.given = function (table, alpha, sigma) {
    const seen = table.map((row) => noisy(row, alpha, sigma));
    return function (x, y) {
      const shares = S.normalised(seen.map(function (s) {
        const dx = x - s.ax, dy = y - s.ay;
        return s.log - (s.pxx * dx * dx + 2 * s.pxy * dx * dy + s.pyy * dy * dy) / 2;
      }));
      const means = seen.map(function (s) {
        const dx = x - s.ax, dy = y - s.ay;
        return [s.mx + s.gxx * dx + s.gxy * dy, s.my + s.gyx * dx + s.gyy * dy];
      });
      const x0 = [0, 0], V = [0, 0, 0], K = [0, 0, 0, 0];
      shares.forEach((share, k) => { x0[0] += share * means[k][0]; x0[1] += share * means[k][1]; });
      shares.forEach(function (share, k) {
        if (share < 1e-17) { return; }
        const { vxx, vxy, vyy } = seen[k], u = means[k][0] - x0[0], v = means[k][1] - x0[1];
        V[0] += share * (vxx + u * u);
        V[1] += share * (vxy + u * v);
        V[2] += share * (vyy + v * v);
        K[0] += share * u * (u * u + 3 * vxx);
        K[1] += share * (u * u * v + v * vxx + 2 * u * vxy);
        K[2] += share * (u * v * v + u * vyy + 2 * v * vxy);
        K[3] += share * v * (v * v + 3 * vyy);
      });
      return { shares, x0, V, K };
    };
  };

  /* The law of alpha x + sigma eps. */
  S.diffused = (table, alpha, sigma) => table.map(([weight, mx, my, sxx, sxy, syy]) =>
    [weight, alpha * mx, alpha * my, alpha * alpha * sxx + sigma * sigma, alpha * alpha * sxy,
     alpha * alpha * syy + sigma * sigma]);

  /* An observation is { rows, seen, noise }: seen = rows · x + noise · eps, two numbers. One number
     is two, too: the second row is 0, and so is what it sees. */
  S.residual = ({ rows: [[a, b], [c, d]], seen }, x, y) =>
    [seen[0] - a * x - b * y, seen[1] - c * x - d * y];

  /* noise² + rows · (xx, xy, yy) · rows', its inverse and the logarithm of its determinant. */
  S.spread = function ({ rows: [[a, b], [c, d]], noise }, [xx, xy, yy]) {
    const p = noise * noise + a * a * xx + 2 * a * b * xy + b * b * yy;
    const q = a * c * xx + (a * d + b * c) * xy + b * d * yy;
    const r = noise * noise + c * c * xx + 2 * c * d * xy + d * d * yy, det = p * r - q * q;
    return { inverse: [r / det, -q / det, p / det], logDet: Math.log(det) };
  };

  /* The exact law of x given an observation, a mixture again. */
  S.condition = function (table, observation) {
    const [[a, b], [c, d]] = observation.rows, logs = [];
    const moved = table.map(function ([weight, mx, my, sxx, sxy, syy]) {
      const [u, v] = S.residual(observation, mx, my);
      const { inverse: [p, q, r], logDet } = S.spread(observation, [sxx, sxy, syy]);
      logs.push(Math.log(weight) - (logDet + p * u * u + 2 * q * u * v + r * v * v) / 2);
      // S A', a column for each number seen, and the gain S A' R⁻¹
      const ux = sxx * a + sxy * b, uy = sxy * a + syy * b, wx = sxx * c + sxy * d, wy = sxy * c + syy * d;
      const gx = ux * p + wx * q, hx = ux * q + wx * r, gy = uy * p + wy * q, hy = uy * q + wy * r;
      return [mx + gx * u + hx * v, my + gy * u + hy * v,
              sxx - gx * ux - hx * wx, sxy - gx * uy - hx * wy, syy - gy * uy - hy * wy];
    });
    const weights = S.normalised(logs);
    return moved.map((row, k) => [weights[k], ...row]);
  };

  /* n draws, x and y in turn, of the law: each component has its part of them, as near as whole
     numbers can be. */
  S.draw = function (table, n, normal) {
    const x = new Float64Array(2 * n);
    let sum = 0, i = 0;
    for (const [weight, mx, my, sxx, sxy, syy] of table) {
      sum += weight;
      const l = Math.sqrt(sxx), m = sxy / l, root = Math.sqrt(Math.max(0, syy - m * m));
      for (const end = Math.min(n, Math.round(sum * n)); i < end; i++) {
        const u = normal(), v = normal();
        x[2 * i] = mx + l * u;
        x[2 * i + 1] = my + m * u + root * v;
      }
    }
    return x;
  };
})(globalThis.DiffusionSteering = globalThis.DiffusionSteering || {});
