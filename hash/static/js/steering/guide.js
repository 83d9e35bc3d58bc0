/* Methods that steer a denoiser by an observation: the JavaScript of diffusionbook.guidance.inverse
   and diffusionbook.samplers.twists. Each moves the guess x0 of the data. */
(function (S) {
  "use strict";
  S.METHODS = { none: "None", dps: "DPS", pigdm: "\u03a0GDM", covariance: "Covariance-aware",
                particles: "Particles" };

  /* How x0 is spread around its guess, as a method believes: [xx, xy, yy]. */
  const beliefs = {
    dps: () => [0, 0, 0],
    pigdm({ alpha, sigma }) {  // data of std 1 along each axis
      const variance = sigma * sigma / (alpha * alpha + sigma * sigma);
      return [variance, 0, variance];
    },
    covariance: (path, about) => about.V,
    particles: (path, about) => about.V,
  };

  /* What a method makes of a noisy point. path: its alpha and sigma; about: what S.given says.
     x, y: the guess, moved by V times the gradient of log N(seen; A x0, R) in x0; with particles R,
     too, is a function of x_t. log: that logarithm, but for a constant. */
  S.guide = function (method, observation, path, { x0, V, K }) {
    if (method === "none") { return { x: x0[0], y: x0[1], log: 0 }; }
    const belief = beliefs[method](path, { V }), [u, v] = S.residual(observation, x0[0], x0[1]);
    const { p, q, r, logDet } = S.spread(observation, belief[0], belief[1], belief[2]);
    const s = p * u + q * v, t = q * u + r * v;  // R⁻¹ residual
    const a = observation.rows[0], b = observation.rows[1];
    const c = observation.rows[2], d = observation.rows[3];
    const gx = a * s + c * t, gy = b * s + d * t;
    let x = x0[0] + V[0] * gx + V[1] * gy, y = x0[1] + V[1] * gx + V[2] * gy;
    if (method === "particles") {
      // half of g' dV g - tr(W dV), where W = A' R⁻¹ A; V times the gradient of V is K
      const wxx = a * a * p + 2 * a * c * q + c * c * r, wyy = b * b * p + 2 * b * d * q + d * d * r;
      const wxy = a * b * p + (a * d + b * c) * q + c * d * r;
      const mxx = gx * gx - wxx, mxy = gx * gy - wxy, myy = gy * gy - wyy;
      x += (mxx * K[0] + 2 * mxy * K[1] + myy * K[2]) / 2;
      y += (mxx * K[1] + 2 * mxy * K[2] + myy * K[3]) / 2;
    }
    return { x, y, log: -(u * s + v * t + logDet) / 2 };
  };
})(globalThis.DiffusionSteering = globalThis.DiffusionSteering || {});
