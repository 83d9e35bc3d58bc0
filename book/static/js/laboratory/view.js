/* A picture of the plane for thousands of dots, short lines and rasters: DiffusionShared.view with
   what a laboratory needs besides. */
(function (L) {
  "use strict";
  const EXTENT = 3;
  const css = (colour, alpha) => `rgba(${colour.join(",")},${alpha})`;

  L.view = function (canvas) {
    const view = DiffusionShared.view(canvas), pen = canvas.getContext("2d");
    let side = 0, ratio = 0, dots = null;
    const px = (x) => (x / EXTENT + 1) / 2 * side, py = (y) => (1 - y / EXTENT) / 2 * side;

    return {
      ...view,

      resize() {  // a canvas that gets a size is emptied, so it gets no size that it has
        const now = Math.min(2, window.devicePixelRatio || 1);
        if (side === canvas.clientWidth && ratio === now) { return; }
        [side, ratio] = [canvas.clientWidth, now];
        view.resize();
        dots = side && L.dots(canvas.width, Math.min(1.5, Math.max(0.9, side / 200)) * ratio);
      },
      side: () => side,

      dots(xy, colour, alpha) { pen.drawImage(dots(xy, colour, alpha), 0, 0, side, side); },

      /* Short lines x, y, x, y, all in one stroke. */
      strokes(ends, colour, alpha, width) {
        pen.strokeStyle = css(colour, alpha);
        pen.lineWidth = width;
        pen.beginPath();
        for (let i = 0; i < ends.length; i += 4) {
          pen.moveTo(px(ends[i]), py(ends[i + 1]));
          pen.lineTo(px(ends[i + 2]), py(ends[i + 3]));
        }
        pen.stroke();
      },

      /* One arrow of the plane's own length. */
      arrow(x, y, u, v, colour, width) {
        const length = Math.hypot(u, v) / EXTENT / 2 * side, head = Math.min(9, 0.4 * length);
        if (!(length > 1)) { return; }
        const dx = u / Math.hypot(u, v), dy = -v / Math.hypot(u, v);
        const tipX = px(x + u), tipY = py(y + v);
        pen.strokeStyle = css(colour, 1);
        pen.lineWidth = width;
        pen.beginPath();
        pen.moveTo(px(x), py(y));
        pen.lineTo(tipX, tipY);
        pen.moveTo(tipX - head * (dx + 0.6 * dy), tipY - head * (dy - 0.6 * dx));
        pen.lineTo(tipX, tipY);
        pen.lineTo(tipX - head * (dx - 0.6 * dy), tipY - head * (dy + 0.6 * dx));
        pen.stroke();
      },

      /* A component: an ellipse of two standard deviations with its label's letter; a chosen one is
         thicker, and has a handle at the end of each axis. */
      gaussian(component, colour, chosen) {
        const { x, y, along, across, angle, label } = L.shape(component);
        const scale = L.STDS * side / EXTENT / 2, turn = angle * Math.PI / 180;
        pen.strokeStyle = pen.fillStyle = css(colour, 0.95);
        pen.lineWidth = chosen ? 2.5 : 1.2;
        pen.beginPath();
        pen.ellipse(px(x), py(y), along * scale, across * scale, -turn, 0, 7);
        pen.stroke();
        pen.font = "12px sans-serif";
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        pen.fillText(L.LABELS[label], px(x), py(y));
        if (!chosen) { return; }
        for (const [hx, hy] of L.handles(component)) {
          pen.beginPath();
          pen.arc(px(hx), py(hy), 4, 0, 7);
          pen.fill();
        }
      },

      picture(image) {
        pen.imageSmoothingEnabled = true;
        pen.drawImage(image, 0, 0, side, side);
      },
    };
  };

  L.STDS = 2;  // how many reach from the middle of a Gaussian's ellipse to its edge

  /* The ends of the two axes of that ellipse, by which a component is shaped. */
  L.handles = function (component) {
    const { x, y, along, across, angle } = L.shape(component), turn = angle * Math.PI / 180;
    const c = L.STDS * Math.cos(turn), s = L.STDS * Math.sin(turn);
    return [[x + along * c, y + along * s], [x - across * s, y + across * c]];
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
