/* A square of cells in one colour on paper, with patches and one of them framed. */
(function (A) {
  "use strict";
  const css = (colour, alpha) => `rgba(${colour.join(",")},${alpha})`;

  A.picture = function (canvas) {
    const pen = canvas.getContext("2d"), cells = document.createElement("canvas");

    return {
      canvas,

      resize() {
        const ratio = Math.min(2, window.devicePixelRatio || 1);
        canvas.width = canvas.height = Math.round(canvas.clientWidth * ratio);
      },

      /* shares: one a cell, 0 … 1, from paper to colour. */
      draw(shares, colour, palette, patches, framed) {
        const side = cells.width = cells.height = Math.sqrt(shares.length), small = cells.getContext("2d");
        const picture = small.createImageData(side, side);
        Array.from(shares).forEach((share, i) => picture.data.set(
          [...DiffusionShared.mixed(palette.paper, colour, share), 255], 4 * i));
        small.putImageData(picture, 0, 0);
        const width = canvas.width, step = width / patches, line = width / canvas.clientWidth;
        pen.imageSmoothingEnabled = false;
        pen.drawImage(cells, 0, 0, width, width);
        pen.fillStyle = css(palette.faint, 0.4);
        for (let k = 1; k < patches; k++) {
          pen.fillRect(Math.round(k * step), 0, line, width);
          pen.fillRect(0, Math.round(k * step), width, line);
        }
        const x = framed % patches * step, y = Math.floor(framed / patches) * step;
        for (const [ring, thick] of [[palette.paper, 5], [palette.guide, 3]]) {
          pen.strokeStyle = css(ring, 1);
          pen.lineWidth = thick * line;
          pen.strokeRect(x + 2 * line, y + 2 * line, step - 4 * line, step - 4 * line);
        }
      },
    };
  };
})(globalThis.DiffusionAttention = globalThis.DiffusionAttention || {});
