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
     [x, y]; covariance V [xx, xy, yy]; third central moment K [xxx, xxy, xyy, yyy]. It fills the
     same arrays at each call, for it is called a million times. */
  S.given = function (table, alpha, sigma) {
    const seen = table.map((row) => noisy(row, alpha, sigma)), n = seen.length;
    const shares = new Float64Array(n), us = new Float64Array(n), vs = new Float64Array(n);
    const x0 = new Float64Array(2), V = new Float64Array(3), K = new Float64Array(4);
    return function (x, y) {
      let largest = -Infinity, total = 0;
      for (let k = 0; k < n; k++) {
        const s = seen[k], dx = x - s.ax, dy = y - s.ay;
        us[k] = s.mx + s.gxx * dx + s.gxy * dy;
        vs[k] = s.my + s.gyx * dx + s.gyy * dy;
        shares[k] = s.log - (s.pxx * dx * dx + 2 * s.pxy * dx * dy + s.pyy * dy * dy) / 2;
        if (shares[k] > largest) { largest = shares[k]; }
      }
      for (let k = 0; k < n; k++) { total += shares[k] = Math.exp(shares[k] - largest); }
      x0.fill(0);
      V.fill(0);
      K.fill(0);
      for (let k = 0; k < n; k++) {
        shares[k] /= total;
        x0[0] += shares[k] * us[k];
        x0[1] += shares[k] * vs[k];
      }
      for (let k = 0; k < n; k++) {
        const s = seen[k], share = shares[k], u = us[k] - x0[0], v = vs[k] - x0[1];
        V[0] += share * (s.vxx + u * u);
        V[1] += share * (s.vxy + u * v);
        V[2] += share * (s.vyy + v * v);
        K[0] += share * u * (u * u + 3 * s.vxx);
        K[1] += share * (u * u * v + v * s.vxx + 2 * u * s.vxy);
        K[2] += share * (u * v * v + u * s.vyy + 2 * v * s.vxy);
        K[3] += share * v * (v * v + 3 * s.vyy);
      }
      return { shares, x0, V, K };
    };
  };

  /* The law of alpha x + sigma eps. */
  S.diffused = (table, alpha, sigma) => table.map(([weight, mx, my, sxx, sxy, syy]) =>
    [weight, alpha * mx, alpha * my, alpha * alpha * sxx + sigma * sigma, alpha * alpha * sxy,
     alpha * alpha * syy + sigma * sigma]);

  /* An observation is { rows: [a, b, c, d], seen: [u, v], noise }: ax + by and cx + dy, each with
     normal noise of that std. One number is two, too: the second row is 0, and so is what it sees. */
  S.residual = ({ rows, seen }, x, y) =>
    [seen[0] - rows[0] * x - rows[1] * y, seen[1] - rows[2] * x - rows[3] * y];

  /* R = noise² + A V A' for V = (xx, xy, yy): its inverse (p, q, r) and log-determinant. */
  S.spread = function ({ rows, noise }, xx, xy, yy) {
    const a = rows[0], b = rows[1], c = rows[2], d = rows[3];
    const p = noise * noise + a * a * xx + 2 * a * b * xy + b * b * yy;
    const q = a * c * xx + (a * d + b * c) * xy + b * d * yy;
    const r = noise * noise + c * c * xx + 2 * c * d * xy + d * d * yy, det = p * r - q * q;
    return { p: r / det, q: -q / det, r: p / det, logDet: Math.log(det) };
  };

  /* The exact law of x given an observation, a mixture again. */
  S.condition = function (table, observation) {
    const [a, b, c, d] = observation.rows, logs = [];
    const moved = table.map(function ([weight, mx, my, sxx, sxy, syy]) {
      const [u, v] = S.residual(observation, mx, my);
      const { p, q, r, logDet } = S.spread(observation, sxx, sxy, syy);
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
