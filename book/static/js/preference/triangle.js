/* Preferences as places in a triangle with equal sides: the corners stand for one reward alone. */
(function (P) {
  "use strict";
  const HALF = Math.sqrt(3) / 2;
  P.NAMES = ["A", "B", "C"];
  P.CORNERS = [[0, 1], [-HALF, -0.5], [HALF, -0.5]];

  /* Where a preference lies; 0 is the middle. */
  P.place = (w) => P.centre(P.CORNERS, w);

  /* The preference at a place; at the nearest one of the triangle if it lies outside. */
  P.preference = function (at) {
    // each share minus one number, what is negative set to 0, so that they add up to 1
    const w = P.shares(P.CORNERS, at), sorted = [...w].sort((a, b) => b - a);
    let sum = 0, less = 0;
    sorted.forEach(function (value, k) {
      sum += value;
      if (value > (sum - 1) / (k + 1)) { less = (sum - 1) / (k + 1); }
    });
    return w.map((value) => Math.max(0, value - less));
  };

  /* Where a key leads, or undefined. A hundredth of the height a step, a tenth with Shift. */
  P.moved = function (w, key, far) {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
    if (!move) { return undefined; }
    const [x, y] = P.place(w), step = far ? 0.15 : 0.03;
    return P.preference([x + step * move[0], y + step * move[1]]);
  };

  /* Whole per cents that add up to 100. */
  P.percents = function (w) {
    const parts = w.map((value) => Math.floor(100 * value)), left = 100 - parts.reduce((a, b) => a + b);
    w.map((value, k) => [100 * value - parts[k], k]).sort((a, b) => b[0] - a[0]).slice(0, left)
      .forEach(([, k]) => { parts[k] += 1; });
    return parts;
  };

  P.words = (w) => P.percents(w).map((part, k) => `${P.NAMES[k]} ${part}\u00a0%`).join(", ");
})(globalThis.DiffusionPreference = globalThis.DiffusionPreference || {});
