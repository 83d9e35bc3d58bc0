/* Lines of equal height of a raster, and a raster as a picture. A raster holds side x side values
   at the middles of its cells, the highest y first. */
(function (L) {
  "use strict";
  const EXTENT = 3;
  const SHARES = [0.04, 0.12, 0.3, 0.6, 0.9];  // of the largest value
  const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

  L.levels = function (values) {
    const largest = values.reduce((most, value) => Math.max(most, value), 0);
    return SHARES.map((share) => share * largest);
  };

  /* The ends x, y, x, y of short lines along which the values are `level`: each cell of four
     neighbours is cut where two of them lie on either side of it. */
  L.contour = function (values, side, level) {
    const found = [], step = 2 * EXTENT / side;
    const x = (i) => -EXTENT + (i + 0.5) * step, y = (j) => EXTENT - (j + 0.5) * step;
    function cut(a, ai, aj, b, bi, bj) {
      if ((a > level) === (b > level)) { return; }
      const share = (level - a) / (b - a);
      found.push(x(ai + share * (bi - ai)), y(aj + share * (bj - aj)));
    }
    for (let j = 0; j + 1 < side; j++) {
      for (let i = 0; i + 1 < side; i++) {
        const k = j * side + i, a = values[k], b = values[k + 1];
        const c = values[k + side + 1], d = values[k + side];
        cut(a, i, j, b, i + 1, j);  // two ends in all, or four at a saddle
        cut(b, i + 1, j, c, i + 1, j + 1);
        cut(c, i + 1, j + 1, d, i, j + 1);
        cut(d, i, j + 1, a, i, j);
      }
    }
    return Float32Array.from(found);
  };

  /* Of a picture of a raster, kept with the values while the key is the same. */
  const kept = new WeakMap();
  function once(values, key, make) {
    if (!kept.has(values) || kept.get(values).key !== key) {
      kept.set(values, { key, made: make() });
    }
    return kept.get(values).made;
  }

  /* Contour lines of a raster at some levels, end to end. */
  L.contours = (values, side, levels) => once(values, levels.join(),
    () => levels.map((level) => L.contour(values, side, level)));

  /* A small canvas: nothing where a value is 0, full colour from `most` on; what is largest is
     farthest from the paper. */
  L.heat = (values, side, most, paper) => once(values, `${most} ${paper}`,
    () => heat(values, side, most, paper));
  function heat(values, side, most, paper) {
    const canvas = document.createElement("canvas"), dark = paper[0] + paper[1] + paper[2] < 384;
    canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d"), image = pen.createImageData(side, side);
    values.forEach(function (value, k) {
      const height = Math.min(1, Math.max(0, value / most));
      const at = (dark ? height : 1 - height) * (VIRIDIS.length - 1);
      const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
      image.data.set(DiffusionShared.mixed(VIRIDIS[low], VIRIDIS[low + 1], at - low), 4 * k);
      image.data[4 * k + 3] = 255 * 0.7 * Math.sqrt(height);
    });
    pen.putImageData(image, 0, 0);
    return canvas;
  }
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
