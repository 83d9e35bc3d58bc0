/* What the reader has drawn: a list of components and the one that is chosen, with a past to go
   back to. A component is never changed, only replaced, so the past is a list of lists. */
(function (L) {
  "use strict";
  const DUST = 0.11;  // a round component no wider than that is a painted point
  const PAST = 100;  // strokes that can be undone
  const within = (value, least, most) => Math.min(most, Math.max(least, value));

  L.isPoint = (component) => component[4] === 0 && component[3] === component[5]
    && component[3] <= DUST * DUST;

  /* A component as its axes: place, std along and across, the angle of the first in degrees. */
  L.shape = function ([weight, x, y, xx, xy, yy, label]) {
    const middle = (xx + yy) / 2, half = Math.hypot((xx - yy) / 2, xy);
    return { x, y, along: Math.sqrt(middle + half), across: Math.sqrt(Math.max(0, middle - half)),
             angle: half < 1e-12 ? 0 : Math.atan2(2 * xy, xx - yy) * 90 / Math.PI, weight, label };
  };
  L.component = function (shape) {
    const x = within(shape.x, -3, 3), y = within(shape.y, -3, 3);
    const a = within(shape.along, 0.05, 2) ** 2, b = within(shape.across, 0.05, 2) ** 2;
    const turn = shape.angle * Math.PI / 180, c = Math.cos(turn), s = Math.sin(turn);
    return [within(shape.weight, 0.01, 100), x, y, a * c * c + b * s * s, (a - b) * c * s,
            a * s * s + b * c * c, shape.label];
  };

  L.sketch = function () {
    let parts = [], preset = "", chosen = -1;
    const past = [], spread = L.PAINTED * L.PAINTED;

    /* As heavy as what is there already: a point as points, a Gaussian as Gaussians. */
    function weight(point) {
      const same = parts.filter((part) => L.isPoint(part) === point);
      const mean = (list) => list.reduce((sum, part) => sum + part[0], 0) / list.length;
      if (same.length) { return mean(same); }
      return parts.length ? mean(parts) * (point ? 0.05 : 20) : 1;
    }
    function add(component) {
      if (parts.length >= L.MOST) { return false; }
      [parts, preset] = [[...parts, component], ""];
      return true;
    }

    return {
      parts: () => parts,
      preset: () => preset,
      chosen: () => (parts[chosen] ? chosen : -1),
      choose(k) { chosen = k; },
      load(components, name = "") { [parts, preset, chosen] = [components, name, -1]; },

      /* What comes from here on until the next such call is undone together. */
      begin() {
        past.push([parts, preset, chosen]);
        if (past.length > PAST) { past.shift(); }
      },
      /* Nothing came. */
      forgive() { past.pop(); },
      undo() {
        if (!past.length) { return false; }
        [parts, preset, chosen] = past.pop();
        return true;
      },
      undoes: () => past.length > 0,

      paint: (x, y, label) => add([weight(true), x, y, spread, 0, spread, label]),
      place(x, y, label) {
        const placed = add([weight(false), x, y, 0.09, 0, 0.09, label]);
        if (placed) { chosen = parts.length - 1; }
        return placed;
      },
      /* Replace the chosen Gaussian by one that differs in some of its numbers. */
      reshape(changes) {
        if (!parts[chosen]) { return; }
        const next = L.component({ ...L.shape(parts[chosen]), ...changes });
        [parts, preset] = [parts.map((part, k) => (k === chosen ? next : part)), ""];
      },
      erase(x, y, radius) {
        const left = parts.filter((part) => Math.hypot(part[1] - x, part[2] - y) > radius);
        const erased = left.length < parts.length;
        if (erased) { [parts, preset, chosen] = [left, "", -1]; }
        return erased;
      },
      remove() {
        [parts, preset, chosen] = [parts.filter((_, k) => k !== chosen), "", -1];
      },
      clear() { [parts, preset, chosen] = [[], "", -1]; },

      /* The Gaussian whose middle is nearest to a place, if it is near; -1 if none is. A chosen one
         is one, small as it may be. */
      near(x, y, reach) {
        let found = -1, least = reach;
        parts.forEach(function (part, k) {
          const far = Math.hypot(part[1] - x, part[2] - y);
          if ((k === chosen || !L.isPoint(part)) && far <= least) { [found, least] = [k, far]; }
        });
        return found;
      },
    };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
