/* The density that a model's own flow makes: along it log p falls at the rate div u, so the density
   at a point is that of the noise it comes from, times how much the flow has spread in between.
   As diffusionbook.likelihood.log_prob_ode, with differences in place of derivatives. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const NEAR = 5e-3;  // half the distance of two points whose difference is a derivative
  const GROUP = 40;  // points that are followed together

  /* Decreasing steps towards the data, where fields are sharp. */
  L.upwards = (t, steps) => Array.from({ length: steps + 1 }, (_, k) =>
    (Math.cbrt(t) + k / steps * (1 - Math.cbrt(t))) ** 3);

  /* Velocity and divergence at n points, which cost five looks each. */
  function rates(model, x, t) {
    const n = x.length, five = new Float64Array(5 * n);
    for (let k = 0; k < 5; k++) { five.set(x, k * n); }
    for (let i = 0; i < n; i += 2) {
      five[n + i] += NEAR;
      five[2 * n + i] -= NEAR;
      five[3 * n + i + 1] += NEAR;
      five[4 * n + i + 1] -= NEAR;
    }
    const u = L.velocity(model, five, t), spread = new Float64Array(n / 2);
    for (let i = 0; i < n; i += 2) {
      spread[i / 2] = (u[n + i] - u[2 * n + i] + u[3 * n + i + 1] - u[4 * n + i + 1]) / (2 * NEAR);
    }
    return { u: u.subarray(0, n), spread };
  }

  /* Heun's steps from t up to 1, where the law is the normal one from which samplers start. */
  function* followed(model, x, t, steps) {
    const grid = L.upwards(t, steps), log = new Float64Array(x.length / 2);
    for (let k = 1; k <= steps; k++) {
      const h = grid[k] - grid[k - 1], from = rates(model, x, grid[k - 1]);
      yield;
      const to = rates(model, x.map((value, i) => value + h * from.u[i]), grid[k]);
      yield;
      x = x.map((value, i) => value + h / 2 * (from.u[i] + to.u[i]));
      for (let i = 0; i < log.length; i++) { log[i] += h / 2 * (from.spread[i] + to.spread[i]); }
    }
    const { sigma } = model.path(1);
    return log.map((value, i) => value - Math.log(2 * Math.PI * sigma * sigma)
      - (x[2 * i] ** 2 + x[2 * i + 1] ** 2) / (2 * sigma * sigma));
  }

  /* The log density at time t of a model at points x and y in turn, in nats. */
  L.likelihood = function* (model, x, t, steps = 24) {
    const found = new Float64Array(x.length / 2);
    for (let i = 0; i < x.length; i += 2 * GROUP) {
      found.set(yield* followed(model, x.slice(i, i + 2 * GROUP), t, steps), i / 2);
    }
    return found;
  };
});
