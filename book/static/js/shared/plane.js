/* Pictures of the plane on a canvas: points, trajectories, arrows. */
(function (shared) {
  "use strict";
  const EXTENT = 3;  // the canvas shows [-3, 3] in both directions

  /* Three numbers, 0 … 255, from any colour that CSS knows. */
  function parts(colour) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.fillStyle = colour;
    return [1, 3, 5].map((i) => parseInt(pen.fillStyle.slice(i, i + 2), 16));
  }

  /* The page's colours of meaning, as they are in its present mode. */
  shared.palette = function (element) {
    const style = getComputedStyle(element), colours = { ink: parts(style.color) };
    for (const name of ["data", "noise", "learned", "guide", "faint"]) {
      colours[name] = parts(style.getPropertyValue(`--${name}`).trim());
    }
    colours.paper = parts(style.getPropertyValue("--pst-color-background").trim() || "#fff");
    return colours;
  };

  /* The colour at a share of the way between two. */
  shared.mixed = (from, to, share) => from.map((value, i) => Math.round(value + share * (to[i] - value)));

  const css = (colour, alpha) => `rgba(${colour.join(",")},${alpha})`;

  /* count² places in rows, and the distance between neighbours. */
  function grid(count) {
    const spacing = 2 * EXTENT / count, at = (k) => -EXTENT + (k + 0.5) * spacing;
    const xy = Float64Array.from({ length: 2 * count * count },
      (_, i) => at(i % 2 ? Math.floor(i / 2 / count) : (i >> 1) % count));
    return { xy, spacing };
  }

  shared.view = function (canvas) {
    const pen = canvas.getContext("2d");
    let side = 0, ratio = 1, places = grid(1);
    const px = (x) => (x / EXTENT + 1) / 2 * side, py = (y) => (1 - y / EXTENT) / 2 * side;

    function path(frames, grid, i, t) {  // of point i, from the start of the grid down to time t
      pen.beginPath();
      pen.moveTo(px(frames[0][i]), py(frames[0][i + 1]));
      let k = 1;
      for (; k < grid.length && grid[k] > t; k++) { pen.lineTo(px(frames[k][i]), py(frames[k][i + 1])); }
      if (k < grid.length) {
        const share = Math.max(0, (grid[k - 1] - t) / (grid[k - 1] - grid[k]));
        const a = frames[k - 1], b = frames[k];
        pen.lineTo(px(a[i] + share * (b[i] - a[i])), py(a[i + 1] + share * (b[i + 1] - a[i + 1])));
      }
      pen.stroke();
    }

    return {
      canvas,

      resize() {
        ratio = Math.min(2, window.devicePixelRatio || 1);
        side = canvas.clientWidth;
        canvas.width = canvas.height = Math.round(side * ratio);
        places = grid(side < 240 ? 11 : 17);
      },

      /* Where arrows stand. */
      places: () => places,

      clear() {
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, side, side);
      },

      /* The point of the plane under a place on the screen. */
      plane(clientX, clientY) {
        const box = canvas.getBoundingClientRect();
        return [((clientX - box.left) / box.width * 2 - 1) * EXTENT,
                (1 - (clientY - box.top) / box.height * 2) * EXTENT];
      },

      dots(xy, colour, alpha) {
        const radius = Math.min(1.5, Math.max(0.9, side / 200));
        pen.fillStyle = css(colour, alpha);
        for (let i = 0; i < xy.length; i += 2) {  // each on its own, so that they add up
          pen.beginPath();
          pen.arc(px(xy[i]), py(xy[i + 1]), radius, 0, 7);
          pen.fill();
        }
      },

      trails(frames, grid, t, count, colour, alpha, width) {
        pen.strokeStyle = css(colour, alpha);
        pen.lineWidth = width;
        pen.lineJoin = "round";
        for (let i = 0; i < 2 * Math.min(count, frames[0].length / 2); i += 2) {
          path(frames, grid, i, t);
        }
      },

      /* Arrows of saturating length, so that both fast and slow places can be read. */
      arrows({ xy, spacing }, directions, colour) {
        pen.strokeStyle = css(colour, 0.75);
        pen.lineWidth = 1;
        pen.lineJoin = "miter";
        pen.beginPath();
        for (let i = 0; i < xy.length; i += 2) {
          const u = directions[i], v = directions[i + 1], speed = Math.hypot(u, v);
          const length = 0.9 * spacing * speed / (speed + 1.5);
          if (!(length * side > 3)) { continue; }
          const dx = u / speed, dy = -v / speed;
          const long = length / EXTENT / 2 * side, head = Math.min(4, 0.4 * long);
          const x = px(xy[i]) + dx * long / 2, y = py(xy[i + 1]) + dy * long / 2;
          pen.moveTo(x - dx * long, y - dy * long);
          pen.lineTo(x, y);
          pen.moveTo(x - head * (dx + 0.6 * dy), y - head * (dy - 0.6 * dx));
          pen.lineTo(x, y);
          pen.lineTo(x - head * (dx - 0.6 * dy), y - head * (dy + 0.6 * dx));
        }
        pen.stroke();
      },

      ring(x, y, colour, alpha, width) {
        pen.strokeStyle = css(colour, alpha);
        pen.lineWidth = width;
        pen.beginPath();
        pen.arc(px(x), py(y), 5, 0, 7);
        pen.stroke();
      },

      /* The straight line through (x, y) that is at right angles to (nx, ny). */
      line(x, y, nx, ny, colour, width) {
        pen.strokeStyle = css(colour, 1);
        pen.lineWidth = width;
        pen.beginPath();
        pen.moveTo(px(x - 3 * EXTENT * ny), py(y + 3 * EXTENT * nx));
        pen.lineTo(px(x + 3 * EXTENT * ny), py(y - 3 * EXTENT * nx));
        pen.stroke();
      },

      /* Where a Gaussian has its bulk: an ellipse of so many standard deviations, and its name in
         the middle. */
      hump([mx, my, xx, xy, yy], stds, name, colour) {
        const turn = Math.atan2(2 * xy, xx - yy) / 2, half = Math.hypot((xx - yy) / 2, xy);
        const axis = (variance) => stds * Math.sqrt(variance) / EXTENT / 2 * side;
        pen.strokeStyle = pen.fillStyle = css(colour, 0.9);
        pen.lineWidth = 1;
        pen.beginPath();
        pen.ellipse(px(mx), py(my), axis((xx + yy) / 2 + half), axis((xx + yy) / 2 - half), -turn, 0, 7);
        pen.stroke();
        pen.font = "12px sans-serif";
        pen.textAlign = "center";
        pen.textBaseline = "middle";
        const above = stds * Math.sqrt(yy) / EXTENT / 2 * side + 9;
        pen.fillText(name, px(mx), py(my) - above);
      },

      cross(x, y, colour) {
        pen.strokeStyle = css(colour, 1);
        pen.lineWidth = 1.5;
        pen.beginPath();
        for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
          pen.moveTo(px(x) + 3 * dx, py(y) + 3 * dy);
          pen.lineTo(px(x) + 10 * dx, py(y) + 10 * dy);
        }
        pen.stroke();
      },
    };
  };

  /* A function that has `paint` called on the next animation frame, once for many calls. */
  shared.onFrame = function (paint) {
    let waiting = false;
    function frame() { waiting = false; paint(); }
    return () => { if (!waiting) { waiting = true; requestAnimationFrame(frame); } };
  };

  /* Keep pictures as large as their place, and in the colours of the page. */
  shared.watch = function (root, views, draw, recolour) {
    new ResizeObserver(() => { views.forEach((view) => view.resize()); draw(); }).observe(root);
    new MutationObserver(() => { recolour(shared.palette(root)); draw(); })
      .observe(document.documentElement, { attributeFilter: ["data-theme"] });
    views.forEach((view) => view.resize());
  };

  /* No work before it is looked at. */
  shared.whenSeen = function (root, work) {
    const seen = new IntersectionObserver(function (entries) {
      if (entries.some((entry) => entry.isIntersecting)) { seen.disconnect(); work(); }
    });
    seen.observe(root);
  };
})(globalThis.DiffusionShared = globalThis.DiffusionShared || {});
