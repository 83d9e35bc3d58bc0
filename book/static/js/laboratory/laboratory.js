/* The laboratory: the reader draws a law and trains a network on it, in the page. Everything heavy
   is a worker's; here choices are kept, questions asked, and answers drawn.
   Particles of a model in the plane that the reader sets in motion are the idea of Alec Helbling's
   Diffusion Explorer; the code is this book's own. */
(function (L) {
  "use strict";
  const FIRST = { preset: "moons", path: "linear", row: "velocity", sampler: "heun", steps: 20,
                  label: -1, w: 1, seed: 1, see: ["particles", "tracks", "arrows", "data"] };
  const NUMBERS = ["steps", "label", "w", "seed"];

  /* What the mount says of the first state: all in one string, or each in an attribute. */
  function written(given) {
    const state = { ...FIRST, ...(given.state && L.decode(given.state)) };
    for (const key of Object.keys(FIRST).filter((name) => name in given)) {
      state[key] = NUMBERS.includes(key) ? Number(given[key])
        : key === "see" ? given.see.split(" ").filter(Boolean) : given[key];
    }
    return state;
  }
  /* A state with all its parts, the components of its preset, too. */
  const whole = (state) => ({ ...FIRST, ...state, preset: state.components ? "" : state.preset,
                              components: state.components || L.presets[state.preset]() });

  L.mount = function (root) {
    const ui = L.controls(root, { small: "small" in root.dataset });
    const lab = { root, ui, sketch: L.sketch(), wish: {}, shown: null, sides: null, labels: [],
                  data: new Float32Array(0), version: 0, point: null, cursor: [0, 0],
                  crossed: false, palette: DiffusionShared.palette(root), computing: false };
    lab.views = ui.panels.map((part) => L.view(part.canvas));
    /* Words. */
    function say(text) {
      ui.status.textContent = lab.computing ? `${text} Computing \u2026`.trim() : text;
    }
    lab.say = say;
    try {
      lab.desk = L.client(DiffusionPart.worker(), say);
    } catch (error) {
      say(`The laboratory needs a worker, and this browser starts none: ${error.message}`);
      return;
    }
    lab.busy = function (now, live) {
      lab.computing = now;
      root.classList.toggle("is-computing", now && !live);
      root.ariaBusy = now ? "true" : null;
      if (now && !live) { say(""); }
    };
    lab.name = function () {
      const { preset, label, w } = lab.shown || {}, steps = lab.shown && lab.sides[0].trained;
      const told = label >= 0 ? `, label ${L.LABELS[label]}, w = ${w.toFixed(1)}` : "";
      const titles = !lab.shown ? ["Network", "Nothing is drawn"]
        : [`Network, ${steps ? `${steps.toLocaleString("en")} steps` : "not trained"}${told}`,
           `Exact field${told}`];
      ui.panels.forEach(function (part, k) {
        const side = lab.sides && lab.sides[k];
        part.title.textContent = titles[k];
        part.canvas.setAttribute("aria-label", lab.shown
          ? `${titles[k]}: ${L.PRESETS[preset || ""]}. A square from \u22123 to 3 each way.`
          : titles[k]);
        part.distance.textContent = side && side.distance !== undefined
          ? `distance ${side.distance.toFixed(3)}, floor ${side.floor.toFixed(3)}` : "\u00a0";
      });
    };

    /* Choices. */
    lab.tool = () => Object.keys(ui.radios).find((name) => ui.radios[name].checked);
    lab.state = function () {
      const { preset, components: parts } = lab.wish;
      const state = preset ? { preset } : { components: parts };
      for (const key of Object.keys(FIRST).slice(1)) { state[key] = lab.wish[key]; }
      return state;
    };
    lab.guides = () => Boolean(lab.shown && lab.shown.label >= 0 && lab.shown.w !== 1);
    lab.draws = () => ["brush", "gaussian", "erase"].includes(lab.tool());
    /* Set every choice, and the parts of the page, to a wish. */
    lab.restore = function (wish) {
      lab.wish = { ...wish };
      if (wish.see.includes("lines") && !lab.point) { lab.point = [0.5, 0.5]; }
      lab.sketch.load(wish.components, wish.preset);
      write();
    };
    lab.open = function (state) {
      lab.sketch.begin();
      lab.restore(whole(state));
      lab.compute.change({});
    };
    function write() {
      const { wish } = lab;
      const labels = [...new Set(wish.components.map((part) => part[6]))].sort();
      ui.label.replaceChildren(...[-1, ...labels].map((k) =>
        DiffusionShared.make("option", { value: k }, k < 0 ? "all" : L.LABELS[k])));
      if (!labels.includes(wish.label)) { wish.label = -1; }
      for (const name of ["preset", "path", "row", "sampler", "steps", "label", "w", "seed"]) {
        ui[name].value = wish[name];
      }
      for (const [name, box] of Object.entries(ui.see)) { box.checked = wish.see.includes(name); }
      ui.preset.lastChild.disabled = wish.preset !== "";
      ui.stepsNow.textContent = wish.steps;
      ui.wNow.textContent = wish.w.toFixed(1);
      ui.w.disabled = wish.label < 0;
      ui.undo.disabled = !lab.sketch.undoes();
      const chosen = lab.sketch.parts()[lab.sketch.chosen()];
      ui.shape.hidden = lab.tool() !== "gaussian";  // with none chosen, too: pictures stay in place
      const shape = chosen && L.shape(chosen);
      for (const [name, field] of Object.entries(ui.fields)) {
        field.disabled = !chosen;
        field.value = chosen ? Number(shape[name].toFixed(3)) : "";
      }
      if (chosen && lab.tool() === "gaussian") { ui.mark.value = shape.label; }
    }
    /* The reader drew; live: and goes on drawing. */
    lab.drew = function (changed, live) {
      if (changed) {
        Object.assign(lab.wish, { components: lab.sketch.parts(), preset: lab.sketch.preset() });
        lab.compute.change({}, live);
      }
      write();
      lab.draw();
    };
    lab.undo = function () {
      if (lab.sketch.undo()) { lab.drew(true, false); }
    };
    /* Training lines through a place. */
    lab.show = function (x, y) {
      if (!lab.shown) { say("There is no law yet to draw lines from."); return; }
      lab.point = [x, y];
      if (!lab.wish.see.includes("lines")) { choose({ see: [...lab.wish.see, "lines"] }); }
      if (lab.clock.time() === 0) { lab.clock.to(0.5); }
      lab.version += 1;
      lab.moments.look();
      const [a, b] = lab.point.map(DiffusionShared.number);
      say(`Training lines through (${a}, ${b}), each from a data point to a noise. The arrow is the `
        + "mean of their directions, turned towards the data; "
        + (lab.guides() ? "of a guided network none is shown." : "beside it the network's."));
    };

    function choose(choices) {
      const looks = Object.keys(choices).every((key) => key === "see");
      Object.assign(lab.wish, choices);
      write();
      lab.share.remember();
      if (!looks) { lab.compute.change({}); return; }
      if (lab.shown) { lab.shown.see = lab.wish.see; }
      lab.version += 1;
      lab.moments.look();
    }

    lab.clock = DiffusionShared.clock(ui, Number(root.dataset.time || 0), {
      grid: () => lab.sides[1].grid, say, draw: () => lab.moments && lab.moments.look(),
      held: () => lab.computing || !lab.sides || lab.moments.looking(),
    });
    lab.moments = L.moments(lab);
    lab.draw = lab.moments.draw;
    lab.drops = L.dropping(lab);
    lab.share = L.share(lab);
    lab.remember = lab.share.remember;
    lab.training = L.training(lab);
    lab.compute = L.computing(lab);
    L.drawing(lab);
    L.wire(lab, choose, write);

    const state = lab.share.given() || written(root.dataset);
    lab.restore(whole(state));
    lab.training.clear();
    DiffusionShared.watch(root, lab.views, () => lab.moments.look(),
      (colours) => { lab.palette = colours; });
    DiffusionShared.whenSeen(root, () => lab.compute.refresh());
  };

  document.querySelectorAll(".diffusion-laboratory").forEach(L.mount);
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
