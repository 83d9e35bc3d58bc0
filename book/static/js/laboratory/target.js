/* What a network is asked for: a row (p, q), so y = p x0 + q eps. It answers with what is left of y
   after a guess along x_t, in a unit in which it learns well. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const { rows } = DiffusionExplorer;

  /* path: t → alpha, sigma and their derivatives. Returns
     row: coefficients → [p, q];
     guess: coefficients → over x_t, the best guess of y along x_t if data had mean 0 and variance
       1. What is left for the network fades where x_t tells nearly all of y: near t = 1 a small
       error in eps would be a large one in x0;
     unit: coefficients → in what y is measured: 1, but for the velocity |(p, q)| / sqrt 2, which is
       1 on the straight path and brings the variance preserving one's, up to 10, near 1;
     weight: of a squared error in that unit: 1, but for x0 the square of signal over noise, up to
       5, since a sampler divides x0's error by sigma;
     latest: the last time at which the row can be solved for x0: eps says nothing of x0 where alpha
       is 0. */
  L.target = function (path, name) {
    const row = rows[L.oneOf("row", name, Object.keys(rows))];
    function guess(c) {
      const [p, q] = row(c);
      return (p * c.alpha + q * c.sigma) / (c.alpha * c.alpha + c.sigma * c.sigma);
    }
    return {
      row, guess,
      unit: (c) => name === "velocity" ? Math.hypot(c.dAlpha, c.dSigma) / Math.SQRT2 : 1,
      weight: (c) => name === "x0" ? Math.min(5, c.alpha / c.sigma) ** 2 + 0.1 : 1,
      latest: name === "eps" && path(1).alpha === 0 ? 0.98 : 1,
    };
  };
});
