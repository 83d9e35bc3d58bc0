/* Samplers: one step from time t to an earlier time s.
   The JavaScript of diffusionbook.samplers.loop: none looks at the model at t = 0. */
DiffusionPart("DiffusionExplorer", function (E) {
  "use strict";

  function euler(model, x, t, s) {
    const u = E.velocity(model.path(t), model.predict(x, t));
    return { x: x.map((value, i) => value + (s - t) * u[i]) };
  }

  function heun(model, x, t, s) {
    const u = E.velocity(model.path(t), model.predict(x, t));
    const guess = x.map((value, i) => value + (s - t) * u[i]);
    if (s === 0) { return { x: guess }; }
    const v = E.velocity(model.path(s), model.predict(guess, s));
    return { x: x.map((value, i) => value + (s - t) * (u[i] + v[i]) / 2) };
  }

  /* Predict x0 and eps, mix them again for s; eta scales the fresh noise, 1 is DDPM. */
  function mix(eta) {
    return function (model, x, t, s, normal) {
      const now = model.path(t), then = model.path(s), { x0, eps } = model.predict(x, t);
      const kept = now.alpha / then.alpha;
      const forward = Math.max(0, now.sigma ** 2 - (kept * then.sigma) ** 2);
      const std = eta * then.sigma / now.sigma * Math.sqrt(forward);
      const keep = Math.sqrt(Math.max(0, then.sigma ** 2 - std ** 2));
      return { x: x.map((_, i) => then.alpha * x0[i] + keep * eps[i] + (eta ? std * normal() : 0)) };
    };
  }

  /* memory: of the step before. */
  function dpmpp2m(model, x, t, s, normal, memory) {
    return DiffusionShared.dpmpp2m(model.path(t), model.path(s), x, model.predict(x, t).x0, memory);
  }

  /* Each is called as (model, x, t, s, normal, memory) and returns the new x, and its memory. */
  E.samplers = { ddpm: mix(1), ddim: mix(0), euler, heun, dpmpp2m };

  /* Times of n equal steps from `start` to 0, on the grid of n steps from 1 to 0. */
  E.grid = function (n, start = 1) {
    const times = Array.from({ length: n + 1 }, (_, i) => (n - i) / n);
    return [start, ...times.filter((t) => t < start)];
  };
});
