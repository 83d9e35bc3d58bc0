/* What a reader takes hold of: a letter moves a Gaussian, a ring turns and stretches it, a square
   makes it wide or thin. */
(function (T) {
  "use strict";
  const { number } = DiffusionShared;
  const between = (least, value, most) => Math.min(most, Math.max(least, value));
  const size = (value) => between(0.15, value, 1.4);
  const put = (value, half) => between(-0.93 * half, value, 0.93 * half);
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  /* side: 1 or -1, on which side of its Gaussian the square stands, so that two squares of
     Gaussians with one centre stand apart. at: where a grip is; pull: it shall be at x, y; press:
     by keys. */
  T.GRIPS = {
    move: {
      name: (who) => `Move Gaussian ${who}`,
      at: (g) => end(g, "along", -1),
      pull(g, x, y) {
        const [ax, ay] = end(g, "along", -1);
        T.GRIPS.move.press(g, x - ax, y - ay);
      },
      press(g, right, up) {
        g.x = put(g.x + right, T.HALF.x);
        g.y = put(g.y + up, T.HALF.y);
      },
      step: [0.1, 0.5],
      value: (g) => g.x,
      limits: [-0.93 * T.HALF.x, 0.93 * T.HALF.x],
      told: (g) => `centre at (${number(g.x)}, ${number(g.y)})`,
    },
    turn: {
      name: (who) => `Turn and stretch Gaussian ${who}`,
      at: (g) => end(g, "along", 1),
      pull(g, x, y) {
        g.along = size(Math.hypot(x - g.x, y - g.y) / T.STDS);
        g.turn = Math.round(Math.atan2(y - g.y, x - g.x) * 180 / Math.PI);
      },
      press(g, right, up) {
        g.turn = (g.turn - 100 * right + 540) % 360 - 180;
        g.along = size(g.along + up);
      },
      step: [0.05, 0.15],
      value: (g) => g.along,
      limits: [0.15, 1.4],
      told: (g) => `${number(g.along)} along ${g.turn.toFixed(0).replace("-", "\u2212")} degrees`,
    },
    width: {
      name: (who) => `Width of Gaussian ${who}`,
      at: (g, side) => end(g, "across", side),
      pull(g, x, y, side) {
        const [ux, uy] = T.axes(g).across;
        g.across = size(side * ((x - g.x) * ux + (y - g.y) * uy) / T.STDS);
      },
      press(g, right, up) { g.across = size(g.across + right + up); },
      step: [0.05, 0.2],
      value: (g) => g.across,
      limits: [0.15, 1.4],
      told: (g) => `${number(g.across)} across`,
    },
  };

  /* An end of an axis of the outline. */
  function end(g, which, side) {
    const [ux, uy] = T.axes(g)[which], long = side * T.STDS * g[which];
    return [g.x + long * ux, g.y + long * uy];
  }

  /* Lay a grip over the picture, and tell what it stands for. */
  T.lay = function (handle, grip, g, side) {
    const [x, y] = grip.at(g, side), part = (value, half) => 50 * (1 + put(value, half) / half);
    handle.style.left = `${part(x, T.HALF.x)}%`;
    handle.style.top = `${100 - part(y, T.HALF.y)}%`;
    handle.setAttribute("aria-valuenow", grip.value(g).toFixed(2));
    handle.setAttribute("aria-valuetext", grip.told(g));
  };

  /* Let a handle follow mouse, finger and keys. It keeps its distance from where it was taken. */
  T.hold = function (handle, grip, g, side, view, changed) {
    let away = null;
    handle.addEventListener("pointerdown", function (event) {
      if (event.button) { return; }
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
      const [x, y] = view.plane(event.clientX, event.clientY), [ax, ay] = grip.at(g, side);
      away = [ax - x, ay - y];
    });
    handle.addEventListener("pointermove", function (event) {
      if (!handle.hasPointerCapture(event.pointerId)) { return; }
      const [x, y] = view.plane(event.clientX, event.clientY);
      grip.pull(g, x + away[0], y + away[1], side);
      changed();
    });
    handle.addEventListener("keydown", function (event) {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) { return; }
      event.preventDefault();
      const far = grip.step[event.shiftKey ? 1 : 0];
      grip.press(g, far * way[0], far * way[1]);
      changed();
    });
  };
})(globalThis.DiffusionTransport = globalThis.DiffusionTransport || {});
