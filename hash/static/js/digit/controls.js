/* Pictures, buttons and sliders: ordinary HTML, each thing with a name. */
(function (D) {
  "use strict";

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
    node.append(...children);
    return node;
  }

  /* The value stands beside the label and not in it, so that the slider's name stays the same. */
  function slider(name, least, most, step, value) {
    const id = `digit-slider-${++D.sliders}`;
    const input = make("input", { type: "range", id, min: least, max: most, step });
    const shown = make("span", { class: "digit-value", "aria-hidden": "true" });
    input.value = value;
    return { input, shown, box: make("div", { class: "digit-slider" },
                                     make("div", {}, make("label", { for: id }, name), shown), input) };
  }
  D.sliders = 0;

  function panel(title) {
    const canvas = make("canvas", { width: "28", height: "28", role: "img", "aria-label": title });
    return { canvas, figure: make("div", { class: "digit-panel" }, make("p", {}, title), canvas) };
  }

  /* What stands there before the model is loaded. */
  D.door = function (root) {
    const button = make("button", { type: "button", class: "digit-load" });
    const bar = make("progress", { "aria-label": "Loading the model", value: "0" });
    const status = make("p", { class: "digit-status", role: "status" });
    bar.hidden = true;
    const box = make("div", { class: "digit-door" }, button, bar, status);
    root.append(box);
    return { box, button, bar, status };
  };

  /* What stands there afterwards. first: { label, scale, steps, seed }. */
  D.controls = function (root, first) {
    const name = `digit-${++D.mounted}`;
    const digits = Array.from({ length: 10 }, function (_, k) {
      const input = make("input", { type: "radio", name, value: k });
      input.checked = k === first.label;
      return { input, label: make("label", {}, input, make("span", {}, String(k))) };
    });
    const panels = [panel("State"), panel("The network\u2019s guess")];
    const at = slider("Look back: step", 0, first.steps, 1, first.steps);
    const scale = slider("Guidance scale w", 0, 4, 0.25, first.scale);
    const steps = slider("Steps", 5, 50, 1, first.steps);
    const seed = make("input", { type: "number", min: "1", max: "9999", step: "1", inputmode: "numeric" });
    seed.value = first.seed;
    const renew = make("button", { type: "button" }, "New noise");
    const status = make("p", { class: "digit-status", role: "status" });
    root.append(make("div", { class: "digit-live", role: "group", "aria-label": "Draw a digit" },
      make("div", { class: "digit-panels" }, ...panels.map((part) => part.figure)),
      at.box,
      make("fieldset", {}, make("legend", {}, "Digit"), ...digits.map((one) => one.label)),
      make("div", { class: "digit-settings" }, scale.box, steps.box,
        make("div", { class: "digit-noise" },
          make("label", {}, make("span", {}, "Noise number"), seed), renew)),
      status));
    return { canvases: panels.map((part) => part.canvas), at, scale, steps, seed, renew, status,
             digits: digits.map((one) => one.input) };
  };
  D.mounted = 0;

  /* Ink on paper: -1 is white and 1 is black, whatever the page's mode, as in every figure of digits. */
  D.paint = function (canvas, values) {
    const context = canvas.getContext("2d"), image = context.createImageData(28, 28);
    values.forEach(function (value, i) {
      const grey = Math.round(255 * (1 - Math.min(1, Math.max(-1, value))) / 2);
      image.data.set([grey, grey, grey, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  };
})(globalThis.DigitInPage = globalThis.DigitInPage || {});
