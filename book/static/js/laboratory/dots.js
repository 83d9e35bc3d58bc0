/* Thousands of dots at once: their pixels are written into an image, for as many strokes of a pen
   would keep the page busy for too long. Dots of one colour that lie on each other add up. */
(function (L) {
  "use strict";
  const EXTENT = 3;
  const PARTS = 4;  // a pixel's parts along each axis at which a dot may lie

  /* What a dot covers of the pixels around, 0 … 1, for each part of a pixel its middle may lie in:
     a square of `reach` pixels to either side, one row after another. */
  function covers(radius) {
    const reach = Math.ceil(radius + 0.5), wide = 2 * reach + 1, found = [];
    for (let part = 0; part < PARTS * PARTS; part++) {
      const mx = (part % PARTS + 0.5) / PARTS - 0.5;
      const my = (Math.floor(part / PARTS) + 0.5) / PARTS - 0.5;
      found.push(Float32Array.from({ length: wide * wide }, function (_, i) {
        const far = Math.hypot(i % wide - reach - mx, Math.floor(i / wide) - reach - my);
        return Math.min(1, Math.max(0, radius + 0.5 - far));
      }));
    }
    return { reach, wide, found };
  }

  /* A function that returns a canvas of side x side pixels with a dot for each x and y in turn. */
  L.dots = function (side, radius) {
    const canvas = document.createElement("canvas"), { reach, wide, found } = covers(radius);
    canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d"), image = pen.createImageData(side, side), { data } = image;
    const all = new Uint32Array(data.buffer);

    return function (xy, [red, green, blue], alpha) {
      all.fill(0);
      for (let k = 0; k < xy.length; k += 2) {
        const x = (xy[k] / EXTENT + 1) / 2 * side, y = (1 - xy[k + 1] / EXTENT) / 2 * side;
        const column = Math.floor(x), row = Math.floor(y);
        if (!(column >= reach && row >= reach && column < side - reach && row < side - reach)) {
          continue;
        }
        const part = Math.floor(PARTS * (y - row)) * PARTS + Math.floor(PARTS * (x - column));
        const cover = found[part];
        for (let i = 0; i < cover.length; i++) {
          if (!cover[i]) { continue; }
          const at = 4 * ((row - reach + Math.floor(i / wide)) * side + column - reach + i % wide);
          data[at] = red;
          data[at + 1] = green;
          data[at + 2] = blue;
          data[at + 3] += alpha * cover[i] * (255 - data[at + 3]);
        }
      }
      pen.putImageData(image, 0, 0);
      return canvas;
    };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
