/* The explorer's pictures, buttons, sliders and lists: ordinary HTML, each thing with a name. */
(function (E) {
  "use strict";
  E.SETS = { spiral: "Spiral", moons: "Two moons", checkerboard: "Checkerboard",
             ring: "Mixture: ring of eight", trio: "Mixture: trio" };
  E.METHODS = { ddpm: "Diffusion (DDPM)", flow: "Flow", reflow: "Reflowed flow" };
  E.SAMPLERS = { ddpm: "DDPM, random", ddim: "DDIM", euler: "Euler", heun: "Heun",
                 dpmpp2m: "DPM-Solver++(2M)" };

  const { make, list, tick } = DiffusionShared;

  function panel(hint) {
    const canvas = make("canvas", { tabindex: "0", role: "application",
                                    "aria-label": "Particles, not computed yet",
                                    "aria-describedby": hint.id });
    const title = make("figcaption");
    return { canvas, title, figure: make("div", { class: "explorer-panel" }, title, canvas) };
  }

  /* Build everything below `root`; what is returned are the parts by name. The stored picture stays
     on the stage, behind the panels, until they have something to show. */
  E.controls = function (root, choice) {
    const hint = make("p", { class: "explorer-hint", id: `explorer-hint-${++E.mounted}` },
      "Click or tap a picture to drop a particle there. With the keyboard: arrow keys move the "
      + "cross, Enter drops, Escape clears.");
    const panels = [panel(hint), panel(hint)];
    const play = make("button", { type: "button" }, "Play");
    const time = make("input", { type: "range", min: "0", max: "1", step: "0.005" });
    const now = make("output");
    const [set, setLabel] = list("Data set", E.SETS, choice.set);
    const [method, methodLabel] = list("Method", E.METHODS, choice.method);
    const [sampler, samplerLabel] = list("Sampler", E.SAMPLERS, choice.sampler);
    const steps = make("input", { type: "range", min: "1", max: "50", step: "1" });
    steps.value = choice.steps;
    const count = make("output");
    const [arrows, arrowsLabel] = tick("field arrows", true);
    const [trails, trailsLabel] = tick("tracks", true);
    const [goal, goalLabel] = tick("data", true);
    const [way, many] = (choice.preset || "").split(" ");
    const preset = choice.preset && make("button", { type: "button" }, 
      `${E.SAMPLERS[way]}, ${many} ${many === "1" ? "step" : "steps"}`);
    const renew = make("button", { type: "button" }, "New noise");
    const clear = make("button", { type: "button" }, "Clear dropped");
    const status = make("p", { class: "explorer-status", role: "status" });
    const settings = [
      make("div", { class: "explorer-settings" }, setLabel, methodLabel, samplerLabel,
        make("label", {}, make("span", {}, "Steps ", count), steps)),
      make("div", { class: "explorer-row" }, arrowsLabel, trailsLabel, goalLabel,
        ...(preset ? [preset] : []), renew, clear),
    ];
    root.append(make("div", { class: "explorer-live", role: "group",
                              "aria-label": "Explorer of trained networks" },
      make("div", { class: "explorer-stage" }, root.querySelector(".explorer-still"),
        make("div", { class: "explorer-panels" }, ...panels.map((part) => part.figure))),
      make("div", { class: "explorer-row explorer-time" }, play,
        make("label", {}, make("span", { class: "explorer-noise" }, "noise"), time,
          make("span", { class: "explorer-data" }, "data")), now),
      ...(choice.small
        ? [make("details", {}, make("summary", {}, "Settings"), ...settings)] : settings),
      hint, status));
    time.setAttribute("aria-label", "Time, from noise to data");
    if (choice.small) { panels[1].figure.hidden = true; }
    return { panels, play, time, now, set, method, sampler, steps, count, arrows, trails, goal,
             preset, renew, clear, status };
  };
  E.mounted = 0;
})(globalThis.DiffusionExplorer = globalThis.DiffusionExplorer || {});
