/* From noise to a digit: the cosine path, guidance, DPM-Solver++(2M).
   The JavaScript of diffusionbook.paths.gaussian.Cosine, guidance.cfg and grids.uniform_log_snr, for one
   picture and a network that says v. */
(function (D) {
  "use strict";
  const FIRST = 0.999, LAST = 1e-3;  // times between which the log-SNR falls in equal steps

  D.path = function (t) {
    return { alpha: Math.sin(Math.PI / 2 * (1 - t)), sigma: Math.sin(Math.PI / 2 * t) };
  };

  /* n - 1 steps of equal log-SNR, then one to 0: n + 1 times. */
  D.grid = function (n) {
    const [from, to] = [FIRST, LAST].map((t) => DiffusionShared.halfLogSnr(D.path(t)));
    const times = Array.from({ length: n }, function (_, k) {
      const level = from + (n > 1 ? k / (n - 1) : 0) * (to - from);
      return 2 / Math.PI * Math.atan(Math.exp(-level));
    });
    return [FIRST, ...times.slice(1), 0];
  };

  /* The guided answer: the one without the label, and w times what the label adds to it. Both are
     one look for two pictures; at w = 1 and w = 0 one of them is not needed. */
  D.guided = async function (look, x, t, label, scale) {
    if (scale === 1) { return look(x, t, [label]); }
    if (scale === 0) { return look(x, t, [-1]); }
    const both = await look(x, t, [label, -1]), n = x.length;
    return x.map((_, i) => both[n + i] + scale * (both[i] - both[n + i]));
  };

  /* All steps. wish: { noise, label, scale, steps }; look(x, t, labels): what the network answers
     for the picture x with each label, one after another; each(moment): called before every step
     and at the end with { k, t, x, x0 }, and returns false to stop. Resolves to whether the end was reached. */
  D.draw = async function (look, { noise, label, scale, steps }, each) {
    const times = D.grid(steps);
    let x = noise, memory = null;
    for (let k = 0; k < steps; k++) {
      const t = times[k], now = D.path(t), then = D.path(times[k + 1]), state = x;
      const v = await D.guided(look, state, t, label, scale);
      const x0 = state.map((value, i) => now.alpha * value - now.sigma * v[i]);
      if (each({ k, t, x: state, x0 }) === false) { return false; }
      ({ x, memory } = DiffusionShared.dpmpp2m(now, then, state, x0, memory));
    }
    return each({ k: steps, t: 0, x, x0: memory.x0 }) !== false;
  };
})(globalThis.DigitInPage = globalThis.DigitInPage || {});
