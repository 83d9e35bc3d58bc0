/* Two pictures, time, and what is seen in words: ordinary HTML, each thing with a name. */
(function (A) {
  "use strict";
  const { make, tick } = DiffusionShared;

  function panel(title, attributes) {
    const canvas = make("canvas", attributes);
    return { canvas, figure: make("div", { class: "explorer-panel" },
                                  make("figcaption", {}, title), canvas) };
  }

  /* Build everything below `root`; what is returned are the parts by name. steps: of the slider. */
  A.controls = function (root, patches, steps) {
    const image = panel("Click a patch, or use the arrow keys", {
      role: "slider", tabindex: "0", "aria-roledescription": "patch of an image",
      "aria-valuemin": "0", "aria-valuemax": patches * patches - 1 });
    const map = panel("Where it looks", { role: "img" });
    const play = make("button", { type: "button" }, "Play");
    const time = make("input", { type: "range", min: "0", max: "1", step: 1 / steps });
    time.setAttribute("aria-label", "Time, from noise to data");
    const now = make("output"), words = make("output", { "aria-live": "off" });
    const [guess, guessLabel] = tick("Show the network\u2019s guess instead", false);
    root.append(make("div", { class: "explorer-live", role: "group", "aria-label": "Where a patch looks" },
      make("div", { class: "explorer-panels" }, image.figure, map.figure),
      make("p", { class: "attention-words" }, words),
      make("div", { class: "explorer-row explorer-time" }, play,
        make("label", {}, make("span", { class: "explorer-noise" }, "noise"), time,
          make("span", { class: "explorer-data" }, "data")), now),
      guessLabel));
    return { image: image.canvas, map: map.canvas, play, time, now, words, guess };
  };
})(globalThis.DiffusionAttention = globalThis.DiffusionAttention || {});
