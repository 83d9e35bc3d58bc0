/* The laboratory's pictures, buttons, sliders and lists: ordinary HTML, each thing with a name. */
(function (L) {
  "use strict";
  const { make, list, tick } = DiffusionShared;

  L.PRESETS = { spiral: "Spiral", moons: "Two moons", checkerboard: "Checkerboard",
                ring: "Ring of eight", trio: "Trio", "": "Your drawing" };
  L.TOOLS = { look: "Drop", lines: "Lines", brush: "Brush", gaussian: "Gaussian", erase: "Erase" };
  L.PATH_NAMES = { linear: "Flow", vp: "Diffusion" };
  L.ROW_NAMES = { velocity: "velocity", eps: "noise \u03b5", x0: "data x\u2080" };
  L.SAMPLERS = { ddpm: "DDPM, random", ddim: "DDIM", euler: "Euler", heun: "Heun",
                 dpmpp2m: "DPM-Solver++(2M)" };
  L.SEE = { particles: "particles", tracks: "tracks", arrows: "field arrows", density: "density",
            data: "data", lines: "training lines", error: "error of the network" };
  L.SHAPE = { x: ["Middle x", -3, 3, 0.05], y: ["Middle y", -3, 3, 0.05],
              along: ["Std along", 0.05, 2, 0.05], across: ["Std across", 0.05, 2, 0.05],
              angle: ["Angle \u00b0", -180, 180, 5], weight: ["Weight", 0.01, 100, 0.1] };

  const button = (text) => make("button", { type: "button" }, text);

  function panel(name, kind, hint) {
    const canvas = make("canvas", { tabindex: "0", role: "application", "aria-label": name,
                                    "aria-describedby": hint.id });
    const title = make("figcaption"), distance = make("p", { class: "laboratory-distance" });
    const figure = make("div", { class: `explorer-panel laboratory-${kind}` }, title, canvas,
      distance);
    return { canvas, title, distance, figure, name };
  }

  function number(name, least, most, step) {
    const field = make("input", { type: "number", min: least, max: most, step });
    return [field, make("label", {}, make("span", {}, name), field)];
  }

  function slider(name, least, most, step) {
    const range = make("input", { type: "range", min: least, max: most, step });
    const now = make("output");
    return [range, now, make("label", {}, make("span", {}, `${name} `, now), range)];
  }

  /* Tools: one of a group, as buttons that are told apart by more than colour. */
  function tools(group) {
    const radios = {};
    const labels = Object.entries(L.TOOLS).map(function ([value, text]) {
      radios[value] = make("input", { type: "radio", name: `${group}-tool`, value });
      return make("label", { class: "laboratory-tool" }, radios[value], make("span", {}, text));
    });
    radios.look.checked = true;
    return [radios, make("div", { role: "radiogroup", "aria-label": "Tool",
                                  class: "laboratory-tools" }, ...labels)];
  }

  function section(title, open, ...children) {
    const details = make("details", { class: "laboratory-section" }, make("summary", {}, title),
      ...children);
    details.open = open;
    return details;
  }
  const row = (...children) => make("div", { class: "explorer-row" }, ...children);
  const settings = (...children) => make("div", { class: "explorer-settings" }, ...children);

  /* Build everything below `root`; what is returned are the parts by name. The stored picture stays
     on the stage, behind the panels, until they have something to show. */
  L.controls = function (root, { small }) {
    const own = `laboratory-${++L.mounted}`, narrow = small || root.clientWidth < 560;
    const hint = make("p", { class: "explorer-hint", id: `${own}-hint` },
      "A tool acts where you click or tap: a particle or training lines on either picture, drawing "
      + "on the right one. With the keyboard: arrow keys move the cross, Enter acts, Escape clears "
      + "what was dropped; + and \u2212 scale the chosen Gaussian, [ and ] turn it, Delete removes "
      + "it.");
    const ui = { panels: [panel("Network", "learned", hint),
                          panel("Exact field", "exact", hint)] };

    const [preset, presetLabel] = list("Law", L.PRESETS, "");
    const [radios, toolGroup] = tools(own);
    const [mark, markLabel] = list("New label", { 0: "A", 1: "B", 2: "C" }, "0");
    Object.assign(ui, { preset, radios, mark, undo: button("Undo"), clear: button("Clear"),
                        fields: {} });
    const shapes = Object.entries(L.SHAPE).map(function ([key, about]) {
      const [field, label] = number(...about);
      ui.fields[key] = field;
      return label;
    });
    ui.shape = make("div", { class: "laboratory-shape", role: "group",
                             "aria-label": "The chosen Gaussian" }, ...shapes);
    ui.shape.hidden = true;

    ui.play = button("Play");
    ui.time = make("input", { type: "range", min: "0", max: "1", step: "0.005",
                              "aria-label": "Time, from noise to data" });
    ui.now = make("output");

    ui.train = button("Train");
    ui.reset = button("Reset");
    ui.train.className = "laboratory-train";
    ui.progress = make("p", { class: "laboratory-progress" });
    ui.loss = L.chart("Loss of the network", (x) => `${x.toLocaleString("en")} steps`, true);
    const [path, pathLabel] = list("Path", L.PATH_NAMES, "linear");
    const [predicts, rowLabel] = list("Network says", L.ROW_NAMES, "velocity");
    const [seed, seedLabel] = number("Seed", 1, 9999, 1);
    Object.assign(ui, { path, row: predicts, seed });

    ui.see = {};
    const ticks = Object.entries(L.SEE).map(function ([key, text]) {
      const [box, label] = tick(text, false);
      ui.see[key] = box;
      return label;
    });
    ui.error = L.chart("Error of the network over time", (x) => `t = ${(1 - x).toFixed(0)}`);
    ui.errorNote = make("p", {}, "Full colour: the network's velocity is off by 2 or more. "
      + "The curve is the mean square of that where the particles are.");

    const [label, labelLabel] = list("Label", { "-1": "all" }, "-1");
    const [w, wNow, wLabel] = slider("Guidance w =", 0, 5, 0.1);
    const [sampler, samplerLabel] = list("Sampler", L.SAMPLERS, "heun");
    const [steps, stepsNow, stepsLabel] = slider("Steps", 1, 50, 1);
    Object.assign(ui, { label, w, wNow, sampler, steps, stepsNow, renew: button("New noise"),
                        forget: button("Clear dropped") });

    ui.link = button("Copy link");
    ui.save = button("Download");
    ui.open = button("Open \u2026");
    ui.cell = button("Notebook cell");
    ui.text = make("textarea", { readonly: "", rows: "8", "aria-label": "Text to copy" });
    ui.text.hidden = true;
    ui.file = make("input", { type: "file", accept: ".json,application/json", tabindex: "-1" });
    ui.file.hidden = true;
    ui.status = make("p", { class: "explorer-status", role: "status" });

    root.append(make("div", { class: "explorer-live laboratory-live", role: "group",
                              "aria-label": "Laboratory: draw a law and train a network on it" },
      make("div", { class: "laboratory-draw" }, presetLabel, toolGroup, markLabel,
        make("div", { class: "laboratory-pair" }, ui.undo, ui.clear)),
      ui.shape,
      make("div", { class: "explorer-stage" }, root.querySelector(".explorer-still") || "",
        make("div", { class: "explorer-panels" }, ...ui.panels.map((part) => part.figure))),
      make("div", { class: "explorer-row explorer-time" }, ui.play,
        make("label", {}, make("span", { class: "explorer-noise" }, "noise"), ui.time,
          make("span", { class: "explorer-data" }, "data")), ui.now),
      ui.status,
      make("div", { class: "laboratory-sections" },
        section("Train", true, row(ui.train, ui.reset, ui.progress),
          settings(pathLabel, rowLabel, seedLabel), ui.loss.svg),
        section("See", !narrow, row(...ticks), ui.error.svg, ui.errorNote),
        section("Steer", !narrow, settings(samplerLabel, stepsLabel, labelLabel, wLabel),
          row(ui.renew, ui.forget)),
        section("Share", !narrow, row(ui.link, ui.save, ui.open, ui.cell), ui.text, ui.file)),
      hint));
    return ui;
  };
  L.mounted = 0;
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
