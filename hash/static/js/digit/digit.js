/* A digit in the page: nothing is loaded until the reader asks for it; then every change of a
   setting draws the digit again from the same noise, so that what changes is the setting's doing. */
(function (D) {
  "use strict";
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const number = (x, places = 2) => x.toFixed(places);

  /* The button, the download, and what can go wrong. */
  D.mount = function (root) {
    const given = root.dataset, door = D.door(root), obstacle = D.obstacle();
    const first = { label: Number(given.label), scale: Number(given.scale), steps: Number(given.steps),
                    seed: Number(given.seed) };
    const megabytes = number(D.size() / 1e6, 1);
    door.button.textContent = `Load the model (${megabytes} MB)`;
    if (obstacle) {
      door.button.hidden = true;
      door.status.textContent = obstacle;
      return;
    }
    door.bar.max = D.size();
    door.button.addEventListener("click", async function () {
      door.button.disabled = true;
      door.bar.hidden = false;
      door.status.textContent = `Loading ${megabytes} MB \u2026`;
      let look;
      try {
        look = await D.load(function (bytes) {
          door.bar.value = bytes;
          if (bytes >= D.runtime.bytes + D.model.bytes) {
            door.bar.removeAttribute("value");
            door.status.textContent = "Starting the model \u2026";
          }
        });
      } catch (error) {
        door.button.disabled = false;
        door.bar.hidden = true;
        door.status.textContent = error.message;
        return;
      }
      const focused = door.box.contains(document.activeElement) || document.activeElement === document.body;
      door.box.remove();
      D.studio(root, look, first, focused);
    });
  };

  /* The reader's choices, and the digit that they make. */
  D.studio = function (root, look, first, focused) {
    const ui = D.controls(root, first);
    let moments = [], job = 0;

    function show(k) {
      const { t, x, x0 } = moments[k], what = `step ${k} of ${ui.at.input.max}, t = ${number(t)}`;
      D.paint(ui.canvases[0], x);
      D.paint(ui.canvases[1], x0);
      ui.at.input.value = k;
      ui.at.shown.textContent = `${k} of ${ui.at.input.max}, t = ${number(t)}`;
      ui.at.input.setAttribute("aria-valuetext", what);
      ui.canvases[0].setAttribute("aria-label", `The state at ${what}`);
      ui.canvases[1].setAttribute("aria-label", `The network\u2019s guess of the digit at ${what}`);
    }
    function name() {
      ui.scale.shown.textContent = number(Number(ui.scale.input.value));
      ui.steps.shown.textContent = ui.steps.input.value;
    }
    function wish() {
      const seed = Math.min(9999, Math.max(1, Math.round(Number(ui.seed.value)) || 1));
      ui.seed.value = seed;
      return { label: Number(ui.digits.find((one) => one.checked).value), seed,
               scale: Number(ui.scale.input.value), steps: Number(ui.steps.input.value) };
    }

    const called = ({ label, scale, seed }) => `${scale === 0 ? "A digit without a label" : `A ${label}`} at w = `
      + `${number(scale)} from noise ${seed}`;

    /* A newer wish makes an older one stop. */
    async function draw() {
      const mine = ++job, asked = wish(), { label, seed, scale, steps } = asked, began = performance.now();
      name();
      ui.status.textContent = `${called(asked)}: drawing \u2026`;
      const normal = DiffusionShared.normals(seed);
      const noise = Float64Array.from({ length: 784 }, () => Math.fround(normal()));
      const found = [];
      try {
        const done = await D.draw(look, { noise, label, scale, steps }, function (moment) {
          if (mine !== job) { return false; }
          found.push(moment);
          if (moment.k === 0) { moments = found; ui.at.input.max = steps; }
          if (!still.matches) { show(moment.k); }
          return true;
        });
        if (!done) { return; }
      } catch (error) {
        if (mine === job) { ui.status.textContent = `${error.message} Reload the page to start anew.`; }
        return;
      }
      const seconds = number((performance.now() - began) / 1000), both = scale !== 0 && scale !== 1;
      show(steps);
      ui.status.textContent = `${called(asked)}: ${steps} steps, ${both ? 2 * steps : steps} looks at the `
        + `network, ${seconds} s here.`;
      root.dataset.drawn = mine;
    }

    ui.at.input.addEventListener("input", function () {
      if (moments.length) show(Math.min(moments.length - 1, Number(ui.at.input.value)));
    });
    for (const input of [...ui.digits, ui.scale.input, ui.steps.input, ui.seed]) {
      input.addEventListener("change", draw);
    }
    for (const input of [ui.scale.input, ui.steps.input]) { input.addEventListener("input", name); }
    ui.renew.addEventListener("click", function () {
      ui.seed.value = Number(ui.seed.value) % 9999 + 1;
      draw();
    });
    root.classList.add("is-live");
    if (focused) { ui.digits[first.label].focus({ preventScroll: true }); }
    draw();
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".digit-in-page").forEach(D.mount);
  });
})(globalThis.DigitInPage = globalThis.DigitInPage || {});
