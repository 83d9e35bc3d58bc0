/* Steps that depend on nothing but the state and what a model predicted there: a page whose model
   answers at once, and one that waits for a network, take the same ones. */
DiffusionPart("DiffusionShared", function (shared) {
  "use strict";

  /* Half the log-SNR of a path's alpha and sigma. */
  shared.halfLogSnr = ({ alpha, sigma }) => Math.log(alpha) - Math.log(sigma);

  /* A step of DPM-Solver++(2M), the JavaScript of diffusionbook.samplers.ode.DPMpp2M: x0 goes on in the
     line of the last two steps. now, then: the path's alpha and sigma before and after the step;
     x, x0: the state and the prediction before it; memory: what the step before returned as such.
     The last step, to sigma = 0, takes x0 as it is. */
  shared.dpmpp2m = function (now, then, x, x0, memory) {
    const lambda = shared.halfLogSnr(now);
    let target = x0;
    if (memory && then.sigma > 0) {
      const ratio = (lambda - memory.lambda) / (shared.halfLogSnr(then) - lambda);
      target = x0.map((value, i) => value + (value - memory.x0[i]) / (2 * ratio));
    }
    const share = then.sigma / now.sigma, gain = then.alpha - now.alpha * share;
    return { x: x.map((value, i) => share * value + gain * target[i]), memory: { x0, lambda } };
  };
});
