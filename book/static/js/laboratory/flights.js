/* Whole trajectories, from noise or from where a particle was dropped, a few points at a time. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const E = DiffusionExplorer, GROUP = 200;  // points that make a step together

  /* All points at each time of the grid. */
  L.flight = function* (model, sampler, grid, x, seed) {
    const step = E.samplers[sampler], normal = DiffusionShared.normals(seed), groups = [];
    for (let i = 0; i < x.length; i += 2 * GROUP) { groups.push({ x: x.slice(i, i + 2 * GROUP) }); }
    const frames = [Float32Array.from(x)];
    for (let k = 1; k < grid.length; k++) {
      const frame = new Float32Array(x.length);
      for (let g = 0; g < groups.length; g++) {
        groups[g] = step(model, groups[g].x, grid[k - 1], grid[k], normal, groups[g].memory);
        frame.set(groups[g].x, 2 * GROUP * g);
        yield;
      }
      frames.push(frame);
    }
    return frames;
  };

  /* The model, and how often it was asked about a point. */
  L.counted = function (model) {
    const counted = { path: model.path, asked: 0, predict };
    function predict(x, t) {
      counted.asked += x.length / 2 * (model.looks || 1);
      return model.predict(x, t);
    }
    return counted;
  };
});
