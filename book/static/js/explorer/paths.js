/* How data turns into noise: x_t = alpha x0 + sigma eps, and what a network's answer means there.
   The JavaScript of diffusionbook.paths.gaussian and diffusionbook.prediction. */
DiffusionPart("DiffusionExplorer", function (E) {
  "use strict";

  function linear() {
    return (t) => ({ alpha: 1 - t, sigma: t, dAlpha: -1, dSigma: 1 });
  }

  function vp(betaMin, betaMax) {
    return function (t) {
      const logAlpha = -((betaMax - betaMin) * t * t / 4 + betaMin * t / 2);
      const beta = betaMin + t * (betaMax - betaMin);
      const alpha = Math.exp(logAlpha), sigma = Math.sqrt(-Math.expm1(2 * logAlpha));
      return { alpha, sigma, dAlpha: -beta * alpha / 2, dSigma: beta * alpha * alpha / (2 * sigma) };
    };
  }

  /* A path by its name and constants: t → alpha, sigma and their derivatives. */
  E.path = function ([name, ...constants]) {
    return { linear, vp }[name](...constants);
  };

  /* The row (p, q) of a prediction: the network says y = p x0 + q eps. */
  E.rows = {
    eps: () => [0, 1],
    x0: () => [1, 0],
    velocity: (c) => [c.dAlpha, c.dSigma],
  };

  /* x0 and eps from x_t and y: two equations, two unknowns. */
  E.solve = function (row, c, x, y) {
    const [p, q] = E.rows[row](c), d = c.alpha * q - c.sigma * p;
    const x0 = x.map((value, i) => (q * value - c.sigma * y[i]) / d);
    const eps = x.map((value, i) => (c.alpha * y[i] - p * value) / d);
    return { x0, eps };
  };

  /* alpha' x0 + sigma' eps: the direction of the probability flow. */
  E.velocity = function (c, answer) {
    return answer.x0.map((value, i) => c.dAlpha * value + c.dSigma * answer.eps[i]);
  };
});
