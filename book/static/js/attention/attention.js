/* A noisy digit whose patches can be clicked, and where the chosen one looks. */
(function (A) {
  "use strict";

  A.mount = function (root) {
    const given = root.dataset, patches = Number(given.patches), n = patches * patches;
    const times = JSON.parse(given.times), last = times.length - 1, size = given.side * given.side;
    const maps = A.bytes(given.maps), images = { noisy: A.bytes(given.noisy), guess: A.bytes(given.guess) };
    const ui = A.controls(root, patches, last), views = [ui.image, ui.map].map(A.picture);
    let patch = Number(given.patch), palette = DiffusionShared.palette(root);
    // The clock runs from 1 to 0, evenly over the times.
    const left = times.map((_, k) => 1 - k / last);
    const clock = DiffusionShared.clock(ui, left[times.length >> 1],
      { grid: () => left, held: () => false, draw, say() {} });

    function draw() {
      const k = Math.round((1 - clock.time()) * last), shares = A.shares(maps, n, k, patch);
      const now = `t = ${DiffusionShared.number(times[k])}`, words = A.words(patches, patch, shares);
      const shown = ui.guess.checked ? "guess" : "noisy", most = Math.max(...shares);
      const pixels = images[shown].subarray(k * size, (k + 1) * size);
      views[0].draw(Array.from(pixels, (ink) => ink / 255), palette.ink, palette, patches, patch);
      views[1].draw(shares.map((share) => share / most), palette.learned, palette, patches, patch);
      const what = ui.guess.checked ? "the network\u2019s guess of it" : "noisy";
      ui.image.setAttribute("aria-label", `Patch of a handwritten ${given.label}, ${what}, at ${now}`);
      ui.image.setAttribute("aria-valuenow", patch);
      ui.image.setAttribute("aria-valuetext", words);
      ui.map.setAttribute("aria-label", `Where the patch looks at ${now}. ${words}.`);
      ui.time.value = k / last;
      ui.time.setAttribute("aria-valuetext", now);
      if (ui.now.textContent !== now) { ui.now.textContent = now; }  // it is read out
      ui.words.textContent = words;
      root.dataset.shown = `${k} ${patch}`;
    }
    function go(there) { patch = there; draw(); }
    function follow(event) {
      const box = ui.image.getBoundingClientRect();
      const at = (from, along) => Math.floor((from - along) / box.width * patches);
      go(A.place(patches, at(event.clientY, box.top), at(event.clientX, box.left)));
    }

    ui.image.addEventListener("pointerdown", function (event) {
      if (event.button) { return; }
      event.preventDefault();
      ui.image.focus({ preventScroll: true });
      ui.image.setPointerCapture(event.pointerId);
      follow(event);
    });
    ui.image.addEventListener("pointermove", function (event) {
      if (ui.image.hasPointerCapture(event.pointerId)) { follow(event); }
    });
    ui.image.addEventListener("keydown", function (event) {
      const there = A.moved(patches, patch, event.key);
      if (there === undefined || event.ctrlKey || event.metaKey || event.altKey) { return; }
      event.preventDefault();
      go(there);
    });
    ui.guess.addEventListener("change", draw);
    ui.play.addEventListener("click", clock.play);
    root.classList.add("is-live");
    DiffusionShared.watch(root, views, draw, (colours) => { palette = colours; });
    draw();
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".attention-explorer").forEach(A.mount);
  });
})(globalThis.DiffusionAttention = globalThis.DiffusionAttention || {});
