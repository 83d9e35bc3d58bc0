/* Noise that was poured somewhere, and the way that the exact flow carries it to the data.
   The JavaScript of diffusionbook.samplers.DDIM along the cosine path. */
(function (shared) {
  "use strict";
  const STEP = 1 / 120;  // the largest share of the way that one step takes

  const path = (t) => ({ alpha: Math.cos(Math.PI * t / 2), sigma: Math.sin(Math.PI * t / 2) });
  const timeAt = (share) => (1 - share) ** 2;  // shape appears late, so late times get more steps

  /* The mixture of a table of rows: weight, mean x, y and covariance xx, xy, yy. */
  shared.exact = (mixture, rows) => mixture(Float64Array.from(rows.flat()), path);

  /* xy: where the points are at first, one after another. */
  shared.drop = function (model, xy) {
    const track = [Float64Array.from(xy)];
    let share = 0;
    return {
      track,
      share: () => share,
      to(wanted) {
        while (share < wanted) {
          const { x0, eps } = model.predict(track[track.length - 1], timeAt(share));
          share = Math.min(wanted, share + STEP);
          const { alpha, sigma } = path(timeAt(share));
          track.push(x0.map((value, i) => alpha * value + sigma * eps[i]));
        }
      },
    };
  };
})(globalThis.DiffusionShared = globalThis.DiffusionShared || {});
