/* Three pictures, what is held in the first of them, sliders and buttons: ordinary HTML, each thing
   with a name. */
(function (T) {
  "use strict";
  const { make } = DiffusionShared;
  const NAMES = { move: "Gaussian", turn: "ring", width: "square" };

  function panel(...below) {
    const canvas = make("canvas", { role: "img", "aria-label": "Being computed" });
    const plane = make("div", { class: "transport-plane" }, canvas);
    const title = make("figcaption"), numbers = make("p", { class: "transport-numbers" });
    return { canvas, title, numbers, plane,
             figure: make("div", { class: "explorer-panel" }, title, plane, numbers, ...below) };
  }

  /* Its value stands beside its name for the eye; the range says it itself. */
  function slider(name, least, most, step, value) {
    const range = make("input", { type: "range", min: least, max: most, step });
    const now = make("span", { "aria-hidden": "true" });
    range.value = value;
    return { range, now, label: make("label", {}, make("span", {}, `${name} `, now), range) };
  }

  function handle(kind, who, hint) {
    const grip = T.GRIPS[kind];
    return make("span", { class: `transport-grip transport-${kind} of-${who}`, role: "slider",
                          tabindex: "0", "aria-label": grip.name(who),
                          "aria-roledescription": `${NAMES[kind]} to drag`,
                          "aria-valuemin": grip.limits[0], "aria-valuemax": grip.limits[1],
                          "aria-describedby": hint.id }, kind === "move" ? who : "");
  }

  /* Build everything below `root`; what is returned are the parts by name. The stored picture stays
     on the stage, behind the panels, until they have something to show. given: the ends of the
     slider of temperatures, the first temperature and batch, the number of points, the presets. */
  T.controls = function (root, { warmth, epsilon, batch, count, presets }) {
    const [cold, hot] = warmth.map((end) => Math.log10(end).toFixed(2));
    const heat = slider("Temperature ε", cold, hot, 0.01, Math.log10(epsilon));
    const size = slider("Batches of", 0, Math.log2(count), 1, Math.log2(batch));
    const buttons = Object.keys(presets).map((name) => make("button", { type: "button" }, name));
    const choices = make("div", { class: "transport-presets", role: "group",
                                  "aria-label": "Start from" }, ...buttons);
    const panels = [panel(choices), panel(heat.label), panel(size.label)];
    const hint = make("p", { class: "explorer-hint", id: `transport-hint-${++T.mounted}` },
      "In the first picture, drag a letter to move its Gaussian, the ring to turn and stretch it, "
      + "the square to widen it. With the keyboard: arrow keys on each, with Shift for larger "
      + "steps.");
    const handles = ["A", "B"].map((who) => Object.fromEntries(
      Object.keys(T.GRIPS).map((kind) => [kind, handle(kind, who, hint)])));
    panels[0].plane.append(...handles.flatMap((three) => Object.values(three)));
    const status = make("p", { class: "explorer-status", role: "status" });
    root.append(make("div", { class: "explorer-live", role: "group",
                              "aria-label": "Three plans between two Gaussians" },
      make("div", { class: "explorer-stage" }, root.querySelector(".explorer-still"),
        make("div", { class: "explorer-panels" }, ...panels.map((one) => one.figure))),
      hint, status));
    return { panels, handles, heat, size, buttons, status };
  };
  T.mounted = 0;
})(globalThis.DiffusionTransport = globalThis.DiffusionTransport || {});
