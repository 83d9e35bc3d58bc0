/* Laws to begin with: the toy mixtures of diffusionbook.data.toy, and its checkerboard as one.
   Labels: of the moons and the trio the package's; the spiral's inner and outer half; of the ring
   those of the package, 0 to 7, by their rest after division by 3; the board's lower and upper
   half. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  const round = (x, y, std, label) => [1, x, y, std * std, 0, std * std, label];
  const spaced = (from, to, n) => Array.from({ length: n }, (_, i) =>
    from + (to - from) * i / (n - 1));

  /* n points equally far apart along a line through many points. */
  function along(curve, n) {
    const length = [0];
    for (let i = 1; i < curve.length; i++) {
      const [[a, b], [c, d]] = [curve[i - 1], curve[i]];
      length.push(length[i - 1] + Math.hypot(c - a, d - b));
    }
    let i = 1;
    return spaced(0, length[length.length - 1], n).map(function (wanted) {
      while (i < curve.length - 1 && length[i] < wanted) { i += 1; }
      const share = (wanted - length[i - 1]) / (length[i] - length[i - 1]);
      return [0, 1].map((axis) =>
        curve[i - 1][axis] + share * (curve[i][axis] - curve[i - 1][axis]));
    });
  }

  function spiral() {
    const end = 4.5 * Math.PI;  // after two turns and a quarter
    const curve = spaced(Math.PI / 2, end, 4001).map((angle) =>
      [2 * angle / end * Math.cos(angle), 2 * angle / end * Math.sin(angle)]);
    return along(curve, 200).map(([x, y], k) => round(x, y, 0.06, k < 100 ? 0 : 1));
  }

  function moons() {
    const upper = spaced(0, Math.PI, 2001).map((angle) =>
      [1.2 * (Math.cos(angle) - 0.5), 1.2 * (Math.sin(angle) - 0.25)]);
    const lower = upper.map(([x, y]) => [-x, -y]);
    return [upper, lower].flatMap((curve, label) =>
      along(curve, 60).map(([x, y]) => round(x, y, 0.1, label)));
  }

  function ring() {
    return Array.from({ length: 8 }, function (_, k) {
      const angle = 2 * Math.PI * k / 8;
      return round(1.5 * Math.cos(angle), 1.5 * Math.sin(angle), 0.15, k % 3);
    });
  }

  function trio() {
    return [[0.5, -1.2, -0.6, 0.10, 0.05, 0.08, 0], [0.3, 0.9, -0.8, 0.30, -0.12, 0.09, 1],
            [0.2, 0.3, 1.2, 0.04, 0, 0.16, 2]];
  }

  /* Each dark square is side x side small Gaussians, as far apart as twice their std, which leaves
     the density within almost flat, and as wide in all as the square: a variance of 1/12. */
  function checkerboard() {
    const side = 5, apart = 1 / Math.sqrt(side * side + 2), found = [];
    const offsets = spaced(-(side - 1) / 2 * apart, (side - 1) / 2 * apart, side);
    for (let row = 0; row < 4; row++) {
      for (const column of [row % 2, 2 + row % 2]) {
        for (const x of offsets) {
          for (const y of offsets) {
            found.push(round(column - 1.5 + x, row - 1.5 + y, apart / 2, row < 2 ? 0 : 1));
          }
        }
      }
    }
    return found;
  }

  L.presets = { spiral, moons, checkerboard, ring, trio };
  L.PAINTED = 0.08;  // std of a point that is painted
  L.painted = (x, y, label, weight = 1) => [weight, ...round(x, y, L.PAINTED, label).slice(1)];
});
