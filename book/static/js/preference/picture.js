/* The plane: data, the exact law of a preference, the front of all exact laws' means, and samples. */
(function (P) {
  "use strict";
  const EXTENT = 3, STDS = 1.5;

  /* about: { prior, exact: tables; centres; front: lines of means; points; exactMean, mean }. */
  P.draw = function (view, about, palette) {
    const pen = view.canvas.getContext("2d"), side = view.canvas.clientWidth;
    const css = (colour) => `rgb(${colour.join(",")})`;
    const at = ([x, y]) => [(x / EXTENT + 1) / 2 * side, (1 - y / EXTENT) / 2 * side];
    view.clear();
    if (!side) { return; }
    about.prior.forEach((row) => view.hump(row.slice(1), STDS, "", palette.data));
    if (about.points) { view.dots(about.points, palette.guide, 0.5); }
    for (const row of about.exact) {  // a hump that holds half of the law is as dark as can be
      view.hump(row.slice(1), STDS, "",
        DiffusionShared.mixed(palette.paper, palette.ink, Math.min(1, 2 * row[0])));
    }
    about.front.forEach(function (line, k) {
      const edge = k < 3;
      pen.strokeStyle = css(edge ? palette.ink : palette.faint);
      pen.lineWidth = edge ? 1.2 : 0.5;
      pen.setLineDash(edge ? [5, 3] : []);
      pen.beginPath();
      line.forEach((mean) => pen.lineTo(...at(mean)));
      pen.stroke();
    });
    pen.setLineDash([]);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "bold 14px sans-serif";
    about.centres.forEach(function (centre, k) {
      const [x, y] = at(centre);
      pen.strokeStyle = css(palette.paper);
      pen.lineWidth = 3;
      pen.strokeText(P.NAMES[k], x, y);
      pen.fillStyle = css(palette.ink);
      pen.fillText(P.NAMES[k], x, y);
    });
    pen.beginPath();
    pen.arc(...at(about.exactMean), 4.5, 0, 7);
    pen.fill();
    if (about.mean) {
      pen.strokeStyle = css(palette.guide);
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(...at(about.mean), 8, 0, 7);
      pen.stroke();
    }
  };
})(globalThis.DiffusionPreference = globalThis.DiffusionPreference || {});
