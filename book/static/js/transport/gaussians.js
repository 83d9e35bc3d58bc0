/* Transport between Gaussians in the plane in closed form, as diffusionbook.transport.optimal has
   it. A matrix is [xx, xy, yx, yy]; a Gaussian is a centre, the turn of its first axis in degrees,
   and the standard deviations along and across: {x, y, turn, along, across}. */
DiffusionPart("DiffusionTransport", function (T) {
  "use strict";

  const times = ([a, b, c, d], [e, f, g, h]) =>
    [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
  const plus = (m, n, share = 1) => m.map((value, i) => value + share * n[i]);
  const scaled = (m, by) => m.map((value) => by * value);
  const det = ([a, b, c, d]) => a * d - b * c;
  const inverse = (m) => scaled([m[3], -m[1], -m[2], m[0]], 1 / det(m));
  const trace = (m) => m[0] + m[3];
  const EYE = [1, 0, 0, 1];

  /* The symmetric positive root, from the theorem of Cayley and Hamilton. */
  function root(m) {
    const side = Math.sqrt(det(m));
    return scaled(plus(m, EYE, side), 1 / Math.sqrt(trace(m) + 2 * side));
  }

  T.axes = function ({ turn }) {
    const angle = turn * Math.PI / 180, c = Math.cos(angle), s = Math.sin(angle);
    return { along: [c, s], across: [-s, c] };
  };

  T.covariance = function (g) {
    const { along: [c, s] } = T.axes(g), p = g.along * g.along, q = g.across * g.across;
    return [c * c * p + s * s * q, c * s * (p - q), c * s * (p - q), s * s * p + c * c * q];
  };

  /* Points that belong to a Gaussian move with it: x, y of each, from standard ones. */
  T.placed = function (g, standard) {
    const { along, across } = T.axes(g), found = new Float64Array(standard.length);
    for (let i = 0; i < found.length; i += 2) {
      const p = g.along * standard[i], q = g.across * standard[i + 1];
      found[i] = g.x + p * along[0] + q * across[0];
      found[i + 1] = g.y + p * along[1] + q * across[1];
    }
    return found;
  };

  /* The optimal map's matrix, from N(0, a) to N(0, b). */
  T.map = function (a, b) {
    const half = root(a), back = inverse(half);
    return times(times(back, root(times(times(half, b), half))), back);
  };

  /* Its cost: the squared 2-Wasserstein distance. */
  T.cost = function (a, b) {
    const half = root(a);
    return trace(a) + trace(b) - 2 * trace(root(times(times(half, b), half)));
  };

  /* E[x yᵀ] under the entropic plan at temperature epsilon. */
  T.cross = function (a, b, epsilon) {
    const half = root(a), inner = scaled(times(times(half, b), half), 4);
    const middle = root(plus(inner, EYE, epsilon * epsilon / 4));
    return plus(scaled(times(times(half, middle), inverse(half)), 0.5), EYE, -epsilon / 4);
  };

  /* What the entropic plan of two centred Gaussians costs, without the price on certainty. */
  T.entropicCost = (a, b, epsilon) => trace(a) + trace(b) - 2 * trace(T.cross(a, b, epsilon));

  /* The matrix of x → E[y | x] under that plan. */
  T.meanMap = function (a, b, epsilon) {
    const [xx, xy, yx, yy] = T.cross(a, b, epsilon);
    return times([xx, yx, xy, yy], inverse(a));
  };

  /* Where a linear map, from centre to centre, sends points. */
  T.sent = function (matrix, from, to, points) {
    const [a, b, c, d] = matrix, found = new Float64Array(points.length);
    for (let i = 0; i < found.length; i += 2) {
      const x = points[i] - from.x, y = points[i + 1] - from.y;
      found[i] = to.x + a * x + b * y;
      found[i + 1] = to.y + c * x + d * y;
    }
    return found;
  };

  /* The squared distance of the centres, which every plan pays. */
  T.shift = (from, to) => (from.x - to.x) ** 2 + (from.y - to.y) ** 2;
});
