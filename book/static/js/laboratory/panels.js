/* What a picture shows of a moment: from what lies at the back to what lies in front. */
(function (L) {
  "use strict";
  const TRAILS = 60;  // tracks drawn
  const WORST = 2;  // an error of the velocity from which on its colour is full

  /* The reader's own particles: with their tracks in this picture, as soon as they are known. */
  function dropped(view, drops, who, t, { paper, ink }) {
    for (const one of drops) {
      const path = one.paths[who];
      const [x, y] = path ? DiffusionExplorer.between(path, one.grid, t) : one.from;
      const alpha = t > one.from.t ? 0.4 : 1;
      for (const [colour, width] of [[paper, 4], [ink, 0]]) {  // ink on paper, on ink
        if (path) { view.trails(path, one.grid, t, 1, colour, 0.9, 1.5 + width); }
        view.ring(x, y, colour, alpha, 2 + width);
      }
    }
  }

  /* Lines that the network learns from at a place, x0 to eps, and the mean of their directions:
     the exact velocity, turned the way the points go as t falls. What guidance makes of it is no
     such mean: with none given, no arrow is drawn. */
  function lines(view, { x, y, x0, eps }, u, colour, palette, all) {
    if (all) {
      const ends = new Float32Array(2 * x0.length);
      for (let i = 0; i < x0.length; i += 2) {
        ends.set([x0[i], x0[i + 1], eps[i], eps[i + 1]], 2 * i);
      }
      view.strokes(ends, palette.faint, 0.7, 1);
      view.dots(x0, palette.data, 0.9);
      view.dots(eps, palette.noise, 0.9);
    }
    for (const [shade, width] of u ? [[palette.paper, 6], [colour, 2.5]] : []) {
      view.arrow(x, y, -u[0], -u[1], shade, width);
    }
    view.ring(x, y, palette.ink, 1, 1.5);
  }

  /* Of the sketch the Gaussians are seen while one draws; points are where the data are. */
  function drawn(view, sketch, palette) {
    const parts = sketch.parts(), isPoint = (part, k) => k !== sketch.chosen() && L.isPoint(part);
    const points = parts.filter(isPoint);
    const xy = new Float32Array(2 * points.length);
    points.forEach((point, k) => xy.set([point[1], point[2]], 2 * k));
    view.dots(xy, palette.data, 1);
    parts.forEach(function (part, k) {
      if (!isPoint(part, k)) { view.gaussian(part, palette.data, k === sketch.chosen()); }
    });
  }

  /* k: 0 for the network, 1 for the exact field; moment: see moments.js. */
  L.paint = function (lab, k, moment) {
    const view = lab.views[k], palette = lab.palette, who = ["learned", "exact"][k];
    const full = k ? palette.ink : palette.learned, see = new Set(lab.wish.see);
    view.clear();
    if (!view.side()) { return; }
    if (moment) {
      const { t, side, data } = moment;
      const found = (name) => moment.found[`${name} ${who}`] || moment.found[name];
      const colour = DiffusionShared.mixed(palette.noise, full, 1 - t);
      const behind = (k && lab.draws()) || found("lines");  // of what is in front
      const error = see.has("error") && found("error");
      if (error) { view.picture(L.heat(error.values, error.side, WORST, palette.paper)); }
      if (see.has("data")) { view.dots(data, palette.data, 0.35); }
      const field = found("field");
      if (see.has("arrows") && field) {
        view.arrows(field.places, field.u.map((value) => -value), palette.faint);
      }
      if (side[k]) {
        if (see.has("tracks") && !behind) {
          view.trails(side[k].frames, side[k].grid, t, TRAILS, colour, 0.4, 1);
        }
        if (see.has("particles")) {
          view.dots(DiffusionExplorer.between(side[k].frames, side[k].grid, t), colour,
            behind ? 0.2 : 0.6);
        }
      }
      const density = see.has("density") && lab.density(who, moment);
      if (density) {
        density.forEach(function (ends, level) {
          view.strokes(ends, palette.paper, 0.4, 2.5);
          view.strokes(ends, full, 0.6 + 0.1 * level, 1.3);
        });
      }
      if (see.has("lines") && moment.found.lines && field) {
        const own = lab.guides() ? null : field.u.slice(-2);
        lines(view, moment.found.lines, k ? moment.found.lines.mean : own, full, palette, k === 1);
      }
      dropped(view, lab.drops, who, t, palette);
    }
    if (k && lab.draws()) { drawn(view, lab.sketch, palette); }
    if (lab.crossed) { view.cross(...lab.cursor, palette.ink); }
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
