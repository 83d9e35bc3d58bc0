/* Three quadratic rewards of width 1, and what they make of a Gaussian mixture: the JavaScript of
   diffusionbook.pareto.laws and .sampled. A table holds a row for each component: weight, mean x, y
   and covariance xx, xy, yy. Weighted, such rewards are one, around the weighted centre; so a law
   that is tilted by them is one that observed this centre. */
(function (P) {
  "use strict";
  const S = globalThis.DiffusionSteering;

  /* How data turn into noise: x_t = alpha x0 + sigma eps. */
  P.path = (t) => ({ alpha: Math.sin(Math.PI * (1 - t) / 2), sigma: Math.sin(Math.PI * t / 2) });

  /* The place that a preference asks for: its weighted centre. */
  P.centre = (centres, w) => [0, 1].map((i) => centres.reduce((sum, c, k) => sum + w[k] * c[i], 0));

  /* What steering by the reward around that place observes. */
  P.observed = (place, scale) => ({ rows: [1, 0, 0, 1], seen: place, noise: 1 / Math.sqrt(scale) });

  /* The exact law: p times exp(scale times the weighted reward). */
  P.tilted = (table, place, scale) => S.condition(table, P.observed(place, scale));

  /* Mean [x, y] and covariance [xx, xy, yy] of a mixture. */
  P.moments = function (table) {
    let x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (const [weight, mx, my, a, b, c] of table) {
      x += weight * mx;
      y += weight * my;
      xx += weight * (a + mx * mx);
      xy += weight * (b + mx * my);
      yy += weight * (c + my * my);
    }
    return { mean: [x, y], cov: [xx - x * x, xy - x * y, yy - y * y] };
  };

  /* The same of points, x and y in turn. */
  P.measured = function (points) {
    const rows = [];
    for (let i = 0; i < points.length; i += 2) {
      rows.push([2 / points.length, points[i], points[i + 1], 0, 0, 0]);
    }
    return P.moments(rows);
  };

  /* The mean of the reward around a centre, from moments. */
  P.reward = ({ mean, cov }, [x, y]) =>
    -((mean[0] - x) ** 2 + (mean[1] - y) ** 2 + cov[0] + cov[2]) / 2;

  /* The three numbers that make a place of the plane out of three centres, and add up to 1. */
  P.shares = function ([[ax, ay], [bx, by], [cx, cy]], [x, y]) {
    const det = (ax - cx) * (by - cy) - (bx - cx) * (ay - cy);
    const a = ((x - cx) * (by - cy) - (bx - cx) * (y - cy)) / det;
    const b = ((ax - cx) * (y - cy) - (x - cx) * (ay - cy)) / det;
    return [a, b, 1 - a - b];
  };

  /* The preference whose exact law has this mean, by Newton's method; it may lie outside the
     triangle. */
  P.withMean = function (table, centres, scale, mean) {
    let place = P.centre(centres, [1 / 3, 1 / 3, 1 / 3]);
    for (let k = 0; k < 200; k++) {
      const now = P.moments(P.tilted(table, place, scale)), [xx, xy, yy] = now.cov;
      const u = mean[0] - now.mean[0], v = mean[1] - now.mean[1];
      if (Math.max(Math.abs(u), Math.abs(v)) < 1e-10) { break; }
      const det = scale * (xx * yy - xy * xy), dx = (yy * u - xy * v) / det, dy = (xx * v - xy * u) / det;
      const slower = Math.max(1, 2 * Math.hypot(dx, dy));  // half a unit at most
      place = [place[0] + dx / slower, place[1] + dy / slower];
    }
    return P.shares(centres, place);
  };

  /* On a standard Gaussian: the mean that steering samples, as a multiple of the exact law's. */
  P.overshoot = (scale) => (1 - Math.exp(-scale)) * (1 + scale) / scale;

  /* Normal numbers in rounds of 2n: n new ones, then the same with the other sign. So point i and
     point i + n / 2 of a cloud have opposite noise, and chance cannot move its mean on a Gaussian. */
  P.mirrored = function (normal, n) {
    const half = new Float64Array(n);
    let i = 0;
    return function () {
      const at = i % n, again = i >= n;
      i = (i + 1) % (2 * n);
      if (!again) { half[at] = normal(); }
      return again ? -half[at] : half[at];
    };
  };

  /* Lines on which one share is constant: each a list of preferences. The first share is 0: edges. */
  P.mesh = [0, 0.25, 0.5, 0.75].flatMap((share) => [0, 1, 2].map((k) =>
    Array.from({ length: 21 }, function (_, i) {
      const along = (1 - share) * i / 20, w = [0, 0, 0];
      w[k] = share;
      w[(k + 1) % 3] = along;
      w[(k + 2) % 3] = 1 - share - along;
      return w;
    })));

  /* A cloud that is steered by a preference: resolves to its points, or to null if it was stopped.
     job: { table, centres, scale, w, steps, start, points, seed }. */
  P.cloud = async function (job, stopped) {
    const normal = P.mirrored(DiffusionShared.normals(job.seed), job.points);
    const grid = Array.from({ length: job.steps + 1 }, (_, k) => job.start * (job.steps - k) / job.steps);
    const found = await S.run({
      table: job.table, path: P.path, method: "dps", grid, normal,
      observation: P.observed(P.centre(job.centres, job.w), job.scale),
      noise: Float64Array.from({ length: 2 * job.points }, normal),
    }, stopped);
    return found && found.frames[job.steps];
  };
})(globalThis.DiffusionPreference = globalThis.DiffusionPreference || {});
