/* Seeded normal numbers: the same seed gives the same noise, on every machine. */
(function (shared) {
  "use strict";

  /* A function that returns the next standard normal number: mulberry32, then Box and Muller. */
  shared.normals = function (seed) {
    let state = seed >>> 0, spare = null;
    function uniform() {  // in (0, 1)
      state = (state + 0x6d2b79f5) >>> 0;
      let z = Math.imul(state ^ (state >>> 15), state | 1);
      z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
      return (((z ^ (z >>> 14)) >>> 0) + 0.5) / 4294967296;
    }
    return function () {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(uniform())), angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    };
  };
})(globalThis.DiffusionShared = globalThis.DiffusionShared || {});
