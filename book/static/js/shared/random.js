/* Seeded numbers: the same seed gives the same noise, on every machine. */
DiffusionPart("DiffusionShared", function (shared) {
  "use strict";

  /* A function that returns the next number in (0, 1): mulberry32. */
  shared.uniforms = function (seed) {
    let state = seed >>> 0;
    return function () {
      state = (state + 0x6d2b79f5) >>> 0;
      let z = Math.imul(state ^ (state >>> 15), state | 1);
      z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
      return (((z ^ (z >>> 14)) >>> 0) + 0.5) / 4294967296;
    };
  };

  /* A function that returns the next standard normal number, by Box and Muller's rule. */
  shared.normals = function (seed) {
    const uniform = shared.uniforms(seed);
    let spare = null;
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
});
