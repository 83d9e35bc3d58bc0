/* A steered cloud on its way from noise to data, by DDPM's step, in slices so short that the page
   never stops answering. The JavaScript of diffusionbook.samplers.ancestral and .particles. */
(function (S) {
  "use strict";
  const SLICE = 12;  // milliseconds between two pauses
  const GROUP = 200;  // points that are looked at together

  /* The step from `now` to `then`, each an alpha and a sigma: x goes to a law with mean
     gain x0 + keep x and this std. */
  S.step = function (now, then) {
    const forward = Math.max(0, now.sigma ** 2 - (now.alpha / then.alpha * then.sigma) ** 2);
    const std = then.sigma / now.sigma * Math.sqrt(forward);
    const keep = Math.sqrt(Math.max(0, then.sigma ** 2 - std ** 2)) / now.sigma;
    return { gain: then.alpha - keep * now.alpha, keep, std };
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

  const picked = (values, kept, each) =>
    values.map((_, i) => values[each * kept[Math.floor(i / each)] + i % each]);

  /* A cloud of n points: x; where the model (plain) and the method (moved) guess their data; the
     method's log-likelihood of the observation there; and log-weights. */
  S.cloud = function (noise) {
    const n = noise.length / 2, zeros = (size) => new Float64Array(size);
    return { n, x: Float64Array.from(noise), plain: zeros(2 * n), moved: zeros(2 * n), log: zeros(n),
             weight: zeros(n) };
  };

  /* Look at the points from `start` to `end`, whose data are what `given` says; null: they are data. */
  S.look = function (cloud, start, end, method, observation, path, given) {
    const data = { x0: [0, 0], V: [0, 0, 0], K: [0, 0, 0, 0] };
    for (let i = start; i < end; i++) {
      const x = cloud.x[2 * i], y = cloud.x[2 * i + 1];
      data.x0 = [x, y];
      const about = given ? given(x, y) : data, guided = S.guide(method, observation, path, about);
      cloud.plain[2 * i] = about.x0[0];
      cloud.plain[2 * i + 1] = about.x0[1];
      cloud.moved[2 * i] = guided.x;
      cloud.moved[2 * i + 1] = guided.y;
      cloud.log[i] = guided.log;
      cloud.weight[i] += guided.log;
    }
  };

  /* Copy the heavy particles and drop the light ones. */
  S.resample = function (cloud, shift) {
    const kept = S.systematic(S.normalised(cloud.weight), shift);
    for (const name of ["x", "plain", "moved"]) { cloud[name] = picked(cloud[name], kept, 2); }
    cloud.log = picked(cloud.log, kept, 1);
    cloud.weight.fill(0);
  };

  /* All points take a step. The weights pay for what the method did to it, by its noise; so in a step
     without noise particles are not steered. */
  S.move = function (cloud, { gain, keep, std }, weighed, normal) {
    const target = weighed && !std ? cloud.plain : cloud.moved;
    for (let i = 0; i < cloud.x.length; i++) {
      const fresh = std ? normal() : 0;
      const away = std ? gain * (cloud.moved[i] - cloud.plain[i]) / std : 0;
      if (weighed) { cloud.weight[i >> 1] -= away * fresh + away * away / 2; }
      cloud.x[i] = gain * target[i] + keep * cloud.x[i] + std * fresh;
    }
    if (weighed) { cloud.log.forEach((value, i) => { cloud.weight[i] -= value; }); }
  };

  /* Move a cloud along the grid. job: { table, path, method, observation, grid, noise, normal,
     uniform }; stopped: whether the result is no longer wanted.
     Resolves to { frames: the points at each time of the grid, resampled: how often }, or to null. */
  S.run = async function (job, stopped = () => false) {
    const { table, path, method, observation, grid, normal, uniform } = job, times = grid.map(path);
    const cloud = S.cloud(job.noise), weighed = method === "particles", frames = [];
    let resampled = 0, began = performance.now();
    for (let k = 0; k < grid.length; k++) {
      const { alpha, sigma } = times[k], end = grid[k] === 0, given = end ? null : S.given(table, alpha, sigma);
      for (let i = 0; i < cloud.n; i += GROUP) {
        S.look(cloud, i, Math.min(i + GROUP, cloud.n), method, observation, times[k], given);
        if (performance.now() - began > SLICE) {
          await DiffusionShared.pause();
          if (stopped()) { return null; }
          began = performance.now();
        }
      }
      if (weighed && (end || S.effective(S.normalised(cloud.weight)) < cloud.n / 2)) {
        S.resample(cloud, uniform());
        resampled += 1;
      }
      frames.push(Float32Array.from(cloud.x));
      if (!end) { S.move(cloud, S.step(times[k], times[k + 1]), weighed, normal); }
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
