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
    covariance: (path, { V }) => V,
    particles: (path, { V }) => V,
  };

  /* What a method makes of a noisy point. path: its alpha and sigma; about: what S.given says.
     x0: the guess, moved by V times the gradient of log N(seen; rows x0, R) in x0; with particles R,
     too, is a function of x_t. log: that logarithm, but for a constant. */
  S.guide = function (method, observation, path, about) {
    const { x0: [x, y], V: [xx, xy, yy], K } = about;
    if (method === "none") { return { x0: [x, y], log: 0 }; }
    const [u, v] = S.residual(observation, x, y);
    const { inverse: [p, q, r], logDet } = S.spread(observation, beliefs[method](path, about));
    const s = p * u + q * v, t = q * u + r * v;  // R⁻¹ residual
    const [[a, b], [c, d]] = observation.rows, gx = a * s + c * t, gy = b * s + d * t;
    const moved = [x + xx * gx + xy * gy, y + xy * gx + yy * gy];
    if (method === "particles") {
      // half of g' dV g - tr(W dV), where W = A' R⁻¹ A and dV along each axis is K over V's place
      const wxx = a * a * p + 2 * a * c * q + c * c * r, wyy = b * b * p + 2 * b * d * q + d * d * r;
      const wxy = a * b * p + (a * d + b * c) * q + c * d * r;
      const m = [gx * gx - wxx, gx * gy - wxy, gy * gy - wyy];
      moved[0] += (m[0] * K[0] + 2 * m[1] * K[1] + m[2] * K[2]) / 2;
      moved[1] += (m[0] * K[1] + 2 * m[1] * K[2] + m[2] * K[3]) / 2;
    }
    return { x0: moved, log: -(u * s + v * t + logDet) / 2 };
  };
})(globalThis.DiffusionSteering = globalThis.DiffusionSteering || {});
