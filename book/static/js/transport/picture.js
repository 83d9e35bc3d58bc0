/* A window on the plane: outlines of Gaussians, points, and lines and arrows between them. */
(function (T) {
  "use strict";
  const css = (colour, alpha) => `rgba(${colour.join(",")},${alpha})`;
  T.HALF = { x: 2.6, y: 1.95 };  // half of the window's width and height; its style has their ratio
  T.STDS = 1.5;  // of the outlines

  T.picture = function (canvas) {
    const pen = canvas.getContext("2d");
    let width = 0, height = 0, ratio = 1;
    const px = (x) => (x / T.HALF.x + 1) / 2 * width, py = (y) => (1 - y / T.HALF.y) / 2 * height;
    const radius = () => Math.min(3, Math.max(2, width / 110));
    const draw = (path) => { pen.beginPath(); path(); pen.stroke(); };

    return {
      canvas,

      resize() {
        ratio = Math.min(2, window.devicePixelRatio || 1);
        [width, height] = [canvas.clientWidth, canvas.clientHeight];
        [canvas.width, canvas.height] = [width, height].map((side) => Math.round(side * ratio));
      },

      clear() {
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, width, height);
      },

      /* The point of the plane under a place on the screen. */
      plane(clientX, clientY) {
        const box = canvas.getBoundingClientRect();
        return [((clientX - box.left) / box.width * 2 - 1) * T.HALF.x,
                (1 - (clientY - box.top) / box.height * 2) * T.HALF.y];
      },

      outline(g, colour) {
        const long = (std) => T.STDS * std / T.HALF.x / 2 * width;
        pen.strokeStyle = css(colour, 0.8);
        pen.lineWidth = 1;
        draw(() => pen.ellipse(px(g.x), py(g.y), long(g.along), long(g.across),
                               -g.turn * Math.PI / 180, 0, 7));
      },

      line(x, i, y, j, colour, alpha) {
        pen.strokeStyle = css(colour, alpha);
        pen.lineWidth = 1;
        draw(() => {
          pen.moveTo(px(x[2 * i]), py(x[2 * i + 1]));
          pen.lineTo(px(y[2 * j]), py(y[2 * j + 1]));
        });
      },

      open(x, colour) {
        pen.strokeStyle = css(colour, 1);
        pen.lineWidth = 1;
        for (let i = 0; i < x.length; i += 2) {
          draw(() => pen.arc(px(x[i]), py(x[i + 1]), radius(), 0, 7));
        }
      },

      filled(x, colour) {
        pen.fillStyle = css(colour, 1);
        for (let i = 0; i < x.length; i += 2) {
          pen.beginPath();
          pen.arc(px(x[i]), py(x[i + 1]), radius(), 0, 7);
          pen.fill();
        }
      },

      crosses(x, colour) {
        pen.strokeStyle = css(colour, 1);
        pen.lineWidth = 1.5;
        for (let i = 0; i < x.length; i += 2) {
          const [a, b, r] = [px(x[i]), py(x[i + 1]), 1.2 * radius()];
          draw(() => {
            pen.moveTo(a - r, b - r);
            pen.lineTo(a + r, b + r);
            pen.moveTo(a - r, b + r);
            pen.lineTo(a + r, b - r);
          });
        }
      },
    };
  };
})(globalThis.DiffusionTransport = globalThis.DiffusionTransport || {});
