/* The triangle of preferences: a cloud that three rewards steer, and the exact law. The reader drags
   the preference; the cloud is computed anew as soon as the last one is there, from the same noise,
   so that every point moves with the preference. */
(function (P) {
  "use strict";
  const SEED = 1;
  const { number } = DiffusionShared;

  P.mount = function (root) {
    const given = root.dataset, laws = JSON.parse(given.laws), centres = JSON.parse(given.centres);
    const [scale, steps, start, points] = ["scale", "steps", "start", "points"].map((name) => +given[name]);
    const ui = P.controls(root, given.data), view = DiffusionShared.view(ui.canvas);
    let w = JSON.parse(given.preference), palette = DiffusionShared.palette(root);
    let cloud = null;
    const fronts = {}, draw = DiffusionShared.onFrame(paint);
    const compute = DiffusionShared.newest(root, follow, sample);

    /* The means of all exact laws, along the lines of the triangle. */
    function front(data) {
      const mean = (each) => P.moments(P.tilted(laws[data], P.centre(centres, each), scale)).mean;
      return fronts[data] = fronts[data] || P.mesh.map((line) => line.map(mean));
    }
    function paint() {
      const data = ui.choice.value, exact = P.tilted(laws[data], P.centre(centres, w), scale);
      P.draw(view, { prior: laws[data], exact, centres, front: front(data), points: cloud && cloud.points,
                     exactMean: P.moments(exact).mean, mean: cloud && cloud.mean }, palette);
    }
    function put(mark, preference) {
      const [left, top] = P.toPicture(P.place(preference));
      mark.style.left = `${100 * left}%`;
      mark.style.top = `${100 * top}%`;
    }
    function tell(cells, values) { cells.forEach((cell, k) => { cell.textContent = values[k]; }); }

    /* What is exact follows at once. */
    function follow() {
      put(ui.handle, w);
      ui.handle.setAttribute("aria-valuenow", P.percents(w)[0]);
      ui.handle.setAttribute("aria-valuetext", P.words(w));
      const exact = P.moments(P.tilted(laws[ui.choice.value], P.centre(centres, w), scale));
      tell(ui.cells.set, P.percents(w));
      tell(ui.cells.exact, centres.map((centre) => number(P.reward(exact, centre))));
      draw();
    }

    /* What was sampled: its rewards, and the preference that its mean belongs to. */
    function show(data, found, began) {
      const about = P.measured(found), got = P.withMean(laws[data], centres, scale, about.mean);
      cloud = { points: found, mean: about.mean };
      put(ui.ring, got);
      tell(ui.cells.got, P.percents(got).map((part) => String(part).replace("-", "\u2212")));
      tell(ui.cells.reward, centres.map((centre) => number(P.reward(about, centre))));
      ui.canvas.setAttribute("aria-label", `${points} points steered by the preference ${P.words(w)}, the `
        + `outlines of the data and of the exact law, and a curved triangle of the exact laws' means. Mean `
        + `sampled: (${about.mean.map(number).join(", ")}).`);
      const formula = data === "one" ? ` On one Gaussian the mean is ${number(P.overshoot(scale))} times the `
        + "exact one, by the formula." : "";
      ui.status.textContent = `${points} points, ${steps} steps: computed here in `
        + `${((performance.now() - began) / 1000).toFixed(1)} s.${formula}`;
      draw();
    }
    async function sample() {
      const began = performance.now(), data = ui.choice.value;
      show(data, await P.cloud({ table: laws[data], centres, scale, w, steps, start, points, seed: SEED }),
        began);
    }

    /* The reader's preference. */
    function go(preference) { w = preference; compute(); }
    function goTo(event) {
      const box = ui.field.getBoundingClientRect();
      go(P.preference(P.fromPicture([(event.clientX - box.left) / box.width,
                                     (event.clientY - box.top) / box.height])));
    }
    ui.field.addEventListener("pointerdown", function (event) {
      if (event.button) { return; }
      event.preventDefault();
      ui.handle.focus({ preventScroll: true });
      ui.field.setPointerCapture(event.pointerId);
      goTo(event);
    });
    ui.field.addEventListener("pointermove", function (event) {
      if (ui.field.hasPointerCapture(event.pointerId)) { goTo(event); }
    });
    ui.handle.addEventListener("keydown", function (event) {
      const next = P.moved(w, event.key, event.shiftKey);
      if (!next || event.ctrlKey || event.metaKey || event.altKey) { return; }
      event.preventDefault();
      go(next);
    });
    ui.buttons.forEach((button, k) => button.addEventListener("click",
      () => go(k < 3 ? [0, 1, 2].map((i) => Number(i === k)) : [1 / 3, 1 / 3, 1 / 3])));
    ui.choice.addEventListener("change", compute);
    DiffusionShared.watch(root, [view], draw, (colours) => { palette = colours; });
    DiffusionShared.whenSeen(root, compute);
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".preference-triangle").forEach(P.mount);
  });
})(globalThis.DiffusionPreference = globalThis.DiffusionPreference || {});
