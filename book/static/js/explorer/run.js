/* Whole trajectories, computed in slices so short that the page never stops answering. */
(function (E) {
  "use strict";
  const SLICE = 12;  // milliseconds between two pauses
  const GROUP = 200;  // points that make a step together

  /* Move all points along the grid, at one time after the other.
     job: { model, sampler, grid, x, seed }; stopped: whether the result is no longer wanted.
     Resolves to one array of points for each time of the grid, or to null if stopped. */
  E.run = async function ({ model, sampler, grid, x, seed }, stopped = () => false) {
    const step = E.samplers[sampler], normal = DiffusionShared.normals(seed), groups = [];
    for (let i = 0; i < x.length; i += 2 * GROUP) { groups.push({ x: x.slice(i, i + 2 * GROUP) }); }
    const frames = [Float32Array.from(x)];
    let began = performance.now();
    for (let k = 1; k < grid.length; k++) {
      const frame = new Float32Array(x.length);
      for (let g = 0; g < groups.length; g++) {
        groups[g] = step(model, groups[g].x, grid[k - 1], grid[k], normal, groups[g].memory);
        frame.set(groups[g].x, 2 * GROUP * g);
        if (performance.now() - began > SLICE) {
          await DiffusionShared.pause();
          if (stopped()) { return null; }
          began = performance.now();
        }
      }
      frames.push(frame);
    }
    return frames;
  };

  /* The points at time t, on the straight line between the two frames around it. */
  E.between = function (frames, grid, t) {
    let k = 1;
    while (k < grid.length - 1 && grid[k] > t) { k += 1; }
    const share = Math.min(1, Math.max(0, (grid[k - 1] - t) / (grid[k - 1] - grid[k])));
    const from = frames[k - 1], to = frames[k];
    return from.map((value, i) => value + share * (to[i] - value));
  };
})(globalThis.DiffusionExplorer = globalThis.DiffusionExplorer || {});
