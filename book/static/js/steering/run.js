/* A steered cloud on its way from noise to data, by DDPM's step, in slices so short that the page
   never stops answering. The JavaScript of diffusionbook.samplers.ancestral and .particles. */
(function (S) {
  "use strict";
  const SLICE = 12;  // milliseconds between two pauses

  /* Mean and std of the step from `now` to `then`, each an alpha and a sigma, for a guess x0. */
  S.step = function (now, then, x, x0) {
    const kept = now.alpha / then.alpha;
    const forward = Math.max(0, now.sigma ** 2 - (kept * then.sigma) ** 2);
    const std = then.sigma / now.sigma * Math.sqrt(forward);
    const keep = Math.sqrt(Math.max(0, then.sigma ** 2 - std ** 2)) / now.sigma;
    const mean = [0, 1].map((i) => then.alpha * x0[i] + keep * (x[i] - now.alpha * x0[i]));
    return { mean, std };
  };

  /* How many particles of equal weight would do as well. */
  S.effective = (weights) => 1 / weights.reduce((sum, w) => sum + w * w, 0);

  /* Who survives: a comb of as many teeth as weights, shifted by a uniform number, over their sums. */
  S.systematic = function (weights, shift) {
    const n = weights.length, total = weights.reduce((sum, w) => sum + w, 0), kept = [];
    let k = 0, sum = weights[0] / total;
    for (let i = 0; i < n; i++) {
      while (sum <= (shift + i) / n && k < n - 1) { k += 1; sum += weights[k] / total; }
      kept.push(k);
    }
    return kept;
  };

  /* Copy the heavy particles of a cloud { x, seen, logs } and drop the light ones. */
  function resample(cloud, shift) {
    const kept = S.systematic(S.normalised(cloud.logs), shift), { x, seen } = cloud;
    cloud.x = x.map((_, i) => x[2 * kept[i >> 1] + i % 2]);
    cloud.seen = kept.map((k) => seen[k]);
    cloud.logs = kept.map(() => 0);
  }

  /* Move a cloud along the grid. job: { table, path, method, observation, grid, x, normal, uniform },
     where x is the noise; stopped: whether the result is no longer wanted.
     Resolves to { frames: the points at each time of the grid, resampled: how often }, or to null. */
  S.run = async function (job, stopped = () => false) {
    const { table, path, method, observation, grid, normal, uniform } = job, n = job.x.length / 2;
    const weighed = method === "particles";
    const cloud = { x: Float64Array.from(job.x), seen: new Array(n), logs: new Array(n).fill(0) };
    const frames = [], times = grid.map(path);
    let resampled = 0, began = performance.now();
    for (let k = 0; k < grid.length; k++) {
      const last = grid[k] === 0, given = last ? null : S.given(table, times[k].alpha, times[k].sigma);
      for (let i = 0; i < n; i++) {  // what is seen at this time, and what it weighs
        const before = cloud.seen[i], x = cloud.x[2 * i], y = cloud.x[2 * i + 1];
        const about = last ? { x0: [x, y], V: [0, 0, 0], K: [0, 0, 0, 0] } : given(x, y);
        const guided = S.guide(method, observation, times[k], about);
        cloud.seen[i] = { plain: about.x0, x0: guided.x0, log: guided.log };
        if (weighed) { cloud.logs[i] += guided.log - (before ? before.log - before.ratio : 0); }
        if (performance.now() - began > SLICE) {
          await DiffusionShared.pause();
          if (stopped()) { return null; }
          began = performance.now();
        }
      }
      if (weighed && (last || S.effective(S.normalised(cloud.logs)) < n / 2)) {
        resample(cloud, uniform());
        resampled += 1;
      }
      frames.push(Float32Array.from(cloud.x));
      if (last) { break; }
      cloud.seen = cloud.seen.map((one) => ({ ...one }));  // copies go ways of their own
      for (let i = 0; i < n; i++) {
        const one = cloud.seen[i], x = [cloud.x[2 * i], cloud.x[2 * i + 1]];
        const plain = S.step(times[k], times[k + 1], x, one.plain), { std } = plain;
        // the weights pay for a guided step by its noise, so particles take one without noise plain
        const mean = weighed && !std ? plain.mean : S.step(times[k], times[k + 1], x, one.x0).mean;
        one.ratio = 0;
        for (let j = 0; j < 2; j++) {
          const fresh = std ? normal() : 0, away = std ? (mean[j] - plain.mean[j]) / std : 0;
          one.ratio -= away * fresh + away * away / 2;
          cloud.x[2 * i + j] = mean[j] + std * fresh;
        }
      }
    }
    return { frames, resampled };
  };

  /* The weight of each component in a cloud without noise: the mean of the points' shares. Under any
     law that the components' mixture becomes by tilting, its expectation is the tilted weight. */
  S.weights = function (table, points) {
    const given = S.given(table, 1, 0), n = points.length / 2, sums = table.map(() => 0);
    for (let i = 0; i < n; i++) {
      given(points[2 * i], points[2 * i + 1]).shares.forEach((share, k) => { sums[k] += share / n; });
    }
    return sums;
  };
})(globalThis.DiffusionSteering = globalThis.DiffusionSteering || {});
