/* The explorer: a trained network in the page, and the exact field beside it. It keeps the reader's
   choices, computes the trajectories they ask for, and draws the moment they look at.
   The idea is that of Alec Helbling's Diffusion Explorer; the code is this book's own. */
(function (E) {
  "use strict";
  const TRAILS = 60;  // trajectories drawn
  const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
  const { number } = DiffusionShared;

  E.mount = function (root) {
    const given = root.dataset;
    const ui = E.controls(root, { set: given.set, method: given.method, sampler: given.sampler,
                                  steps: given.steps, preset: given.preset, small: "small" in given });
    const views = ui.panels.map((part) => DiffusionShared.view(part.canvas));
    const cursor = [0, 0];
    const choices = [ui.set, ui.method, ui.sampler, ui.steps];
    let sides = [], drops = [], goal = [];  // sides: of each panel the model, frames and arrows
    let grid = [1, 0], seed = 1, job = 0, drop = 0;
    let computing = false, shown = null;  // shown: the values of the choices that are on display
    const draw = DiffusionShared.onFrame(paint);
    const clock = DiffusionShared.clock(ui, Number(given.time),
      { grid: () => grid, held: () => computing || !shown, draw, say });
    let palette = DiffusionShared.palette(root), crossed = false;

    /* Drawing. */
    function paint() {
      const t = clock.time();
      views.forEach(function (view, k) {
        const side = sides[k], full = k ? palette.ink : palette.learned;
        view.clear();
        if (!view.canvas.clientWidth) { return; }
        if (ui.goal.checked || (side && !side.model)) { view.dots(goal, palette.data, 0.35); }
        if (side && side.model) { moment(view, side, t, DiffusionShared.mixed(palette.noise, full, 1 - t)); }
        if (crossed) { view.cross(...cursor, palette.ink); }
      });
      ui.time.value = 1 - t;
      ui.now.textContent = `t = ${number(t)}`;
      ui.time.setAttribute("aria-valuetext", ui.now.textContent);
    }
    function moment(view, side, t, colour) {
      if (ui.arrows.checked && t > 0.004) {
        const places = view.places();
        if (side.arrowsAt !== t || side.places !== places) {
          const u = E.velocity(side.model.path(t), side.model.predict(places.xy, t));
          side.arrows = u.map((value) => -value);  // the way the points go, as t falls
          [side.arrowsAt, side.places] = [t, places];
        }
        view.arrows(places, side.arrows, palette.faint);
      }
      if (side.frames) {
        if (ui.trails.checked) { view.trails(side.frames, grid, t, TRAILS, colour, 0.4, 1); }
        view.dots(E.between(side.frames, grid, t), colour, 0.6);
      }
      for (const one of drops) {
        const path = one.frames && one.frames[sides.indexOf(side)];
        const [x, y] = path ? E.between(path, one.grid, t) : one.from;
        const alpha = t > one.grid[0] ? 0.4 : 1;
        for (const [colour, width] of [[palette.paper, 4], [palette.ink, 0]]) {  // ink on paper, on ink
          if (path) { view.trails(path, one.grid, t, 1, colour, 0.9, 1.5 + width); }
          view.ring(x, y, colour, alpha, 2 + width);
        }
      }
    }

    /* Computing. A newer wish makes an older one stop. */
    async function compute() {
      const mine = ++job, stopped = () => mine !== job, name = ui.set.value, method = ui.method.value;
      busy(true);
      count();
      if (ui.sampler.selectedOptions[0].disabled) { ui.sampler.value = "euler"; }
      say("");
      try {
        await E.load(name);
      } catch (error) {
        if (!stopped()) { missed(error.message); }
        return;
      }
      if (stopped()) { return; }
      const began = performance.now(), steps = Number(ui.steps.value), sampler = ui.sampler.value;
      const next = [E.learned(name, method), ui.panels[1].figure.hidden ? null : E.exact(name, method)]
        .map((model) => ({ model }));
      const times = E.grid(steps), x = E.cloud(Number(given.particles), DiffusionShared.normals(seed));
      for (const side of next.filter((one) => one.model)) {
        side.frames = await E.run({ model: side.model, sampler, grid: times, x, seed: seed + 1 }, stopped);
        if (stopped()) { return; }
      }
      [sides, grid, goal] = [next, times, E.points(name)];
      shown = choices.map((choice) => choice.value);
      busy(false);
      name_panels(name, method);
      const looks = sampler === "heun" ? 2 * steps - 1 : steps;
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`${(x.length / 2).toLocaleString("en")} particles, ${counted(steps, "step")}, ${counted(looks, "look")} at the `
        + `network for each: computed here in ${seconds} s.`);
      root.dataset.computed = mine;
      draw();
      for (const one of drops) { one.frames = null; }
      await fall();
    }
    /* Trajectories of the dropped particles that have none, from the time when each was dropped. */
    async function fall() {
      const mine = ++drop, stopped = () => mine !== drop, models = sides.map((side) => side.model);
      for (const one of drops.filter((each) => !each.frames)) {
        one.grid = E.grid(Number(ui.steps.value), one.grid[0]);
        const found = [];
        for (const model of models) {
          found.push(model && await E.run({ model, sampler: ui.sampler.value, grid: one.grid,
                                            x: Float64Array.from(one.from), seed: 7 }, stopped));
          if (stopped()) { return; }
        }
        one.frames = found;
        draw();
      }
    }
    function name_panels(name, method) {
      const exact = !sides[1].model ? "The data (no exact field here)"
        : method === "reflow" ? "Exact field, of the flow not reflowed" : "Exact field";
      ["Trained network", exact].forEach(function (title, k) {
        ui.panels[k].title.textContent = title;
        ui.panels[k].canvas.setAttribute("aria-label", `${title}: ${E.SETS[name]}, `
          + `${E.METHODS[method]}. A square from \u22123 to 3 in both directions.`);
      });
    }
    /* While something is computed, time stands still and what is on display is dimmed. */
    function busy(now) {
      computing = now;
      root.classList.toggle("is-computing", now);
    }
    function say(text) {
      ui.status.textContent = computing ? `${text} Computing \u2026`.trim() : text;
    }
    /* Networks that are not there: the choices go back to what is on display. */
    function missed(address) {
      busy(false);
      if (shown) { choices.forEach((choice, k) => { choice.value = shown[k]; }); }
      count();
      say(`The networks could not be loaded from ${address}. `
        + (shown ? `This is ${E.SETS[ui.set.value]} still.` : "Press the button to try again."));
    }
    function count() {
      ui.count.textContent = ui.steps.value;
      ui.steps.setAttribute("aria-valuetext", counted(Number(ui.steps.value), "step"));
      for (const option of ui.sampler.options) {
        option.disabled = option.value === "ddpm" && ui.method.value === "reflow";
      }
    }

    /* The reader's own particles: from where and when they are dropped; at t = 0 nothing moves any
       more, so there they start anew from t = 1. */
    function release(x, y) {
      if (clock.time() === 0) { clock.to(1); }
      const t = clock.time();
      drops.push({ from: [x, y], grid: [t], frames: null });
      say(`A particle is dropped at (${number(x)}, ${number(y)}) at t = ${number(t)}.`);
      draw();
      fall();
    }
    function forget() { drops = []; say("Dropped particles are cleared."); draw(); }
    function key(event) {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (move) {
        move.forEach((d, i) => {
          cursor[i] = Math.min(3, Math.max(-3, cursor[i] + d * (event.shiftKey ? 0.5 : 0.1)));
        });
        crossed = true;
        draw();
      } else if (event.key === "Enter" || event.key === " ") {
        release(...cursor);
      } else if (event.key === "Escape") {
        forget();
      } else { return; }
      event.preventDefault();
    }

    /* Wiring. */
    for (const view of views) {
      view.canvas.addEventListener("click", (e) => release(...view.plane(e.clientX, e.clientY)));
      view.canvas.addEventListener("keydown", key);
      view.canvas.addEventListener("blur", () => { crossed = false; draw(); });
    }
    ui.play.addEventListener("click", () => { if (shown || computing) { clock.play(); } else { compute(); } });
    for (const choice of [ui.set, ui.method, ui.sampler]) { choice.addEventListener("change", compute); }
    ui.steps.addEventListener("input", compute);
    if (ui.preset) {
      ui.preset.addEventListener("click", function () {
        [ui.sampler.value, ui.steps.value] = given.preset.split(" ");
        compute();
      });
    }
    for (const box of [ui.arrows, ui.trails, ui.goal]) { box.addEventListener("change", draw); }
    ui.renew.addEventListener("click", () => { seed += 2; compute(); });
    ui.clear.addEventListener("click", forget);
    DiffusionShared.watch(root, views, draw, (colours) => { palette = colours; });
    DiffusionShared.whenSeen(root, compute);
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".diffusion-explorer").forEach(E.mount);
  });
})(globalThis.DiffusionExplorer = globalThis.DiffusionExplorer || {});
