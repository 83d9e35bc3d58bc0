/* The explorer of steering: a cloud that a method steers, and the exact law beside it. The reader
   drags what is observed; the cloud is computed anew as soon as the last one is there. */
(function (S) {
  "use strict";
  const STEPS = 200;
  const STDS = 1.5;  // of the ellipses that show the humps
  const { number } = DiffusionShared;
  const percent = (share) => (100 * share).toFixed(0);

  S.mount = function (root) {
    const given = root.dataset, table = JSON.parse(given.law), count = Number(given.particles);
    const path = DiffusionExplorer.path(["vp", 0.1, 20]);
    const grid = Array.from({ length: STEPS + 1 }, (_, k) => (STEPS - k) / STEPS);
    const ui = S.controls(root, given, table), views = ui.panels.map((one) => DiffusionShared.view(one.canvas));
    const place = JSON.parse(given.place);
    let palette = DiffusionShared.palette(root), seed = 1, frames = null, draws = null;
    const draw = DiffusionShared.onFrame(paint), compute = DiffusionShared.newest(root, follow, steer);
    const clock = DiffusionShared.clock(ui, 0, { grid: () => grid.filter((_, k) => k % 10 === 0),
                                                 held: () => !frames, draw, say });

    /* What is observed: the number along the angle, or both coordinates, of the reader's place. */
    function observation() {
      const turn = Number(ui.angle.value) * Math.PI / 180, line = ui.known.value === "line";
      const rows = line ? [Math.cos(turn), Math.sin(turn), 0, 0] : [1, 0, 0, 1];
      return { rows, noise: Number(ui.noise.value),
               seen: [rows[0] * place[0] + rows[1] * place[1], rows[2] * place[0] + rows[3] * place[1]] };
    }

    /* Drawing. */
    function observed(view) {
      const { rows, noise } = observation();
      if (ui.known.value === "line") {
        view.line(...place, rows[0], rows[1], palette.guide, 1.5);
      } else {
        view.hump([...place, noise * noise, 0, noise * noise], 1, "", palette.guide);
      }
    }
    function paint() {
      const t = clock.time(), { alpha, sigma } = path(t);
      const k = grid.findIndex((time) => time <= t + 1e-9);
      const noisy = draws && draws.x.map((value, i) => alpha * value + sigma * draws.eps[i]);
      [frames && frames[k], noisy].forEach(function (points, side) {
        const view = views[side];
        view.clear();
        if (!view.canvas.clientWidth) { return; }
        if (points) { view.dots(points, side ? palette.ink : palette.data, 0.5); }
        observed(view);
        table.forEach((row, i) => view.hump(row.slice(1), STDS, String(i + 1), palette.faint));
      });
      ui.time.value = 1 - t;
      ui.now.textContent = `t = ${number(t)}`;
      ui.time.setAttribute("aria-valuetext", ui.now.textContent);
    }
    function say(text) { ui.status.textContent = text; }

    /* The exact law follows at once. */
    function follow() {
      const { rows, seen, noise } = observation(), line = ui.known.value === "line";
      const exact = S.condition(table, observation());
      const normal = DiffusionShared.normals(seed + 1);
      draws = { x: S.draw(exact, count, normal), eps: Float64Array.from({ length: 2 * count }, normal) };
      ui.exact.forEach((cell, k) => { cell.textContent = percent(exact[k][0]); });
      const where = line
        ? `${number(seen[0])} = ${number(rows[0])} x + ${number(rows[1])} y`
        : `(${number(place[0])}, ${number(place[1])})`;
      ui.noiseNow.textContent = number(noise);
      ui.noise.setAttribute("aria-valuetext", `standard deviation ${number(noise)}`);
      ui.angleNow.textContent = `${ui.angle.value}°`;
      ui.angle.setAttribute("aria-valuetext", `${ui.angle.value} degrees`);
      ui.angle.disabled = !line;
      ui.handle.style.left = `${100 * (place[0] + 3) / 6}%`;
      ui.handle.style.top = `${100 * (3 - place[1]) / 6}%`;
      ui.handle.setAttribute("aria-label", "What is observed");
      ui.handle.setAttribute("aria-valuenow", place[0].toFixed(2));
      ui.handle.setAttribute("aria-valuetext",
        `${where}; ring at (${number(place[0])}, ${number(place[1])})`);
      ui.panels[0].title.textContent = ui.method.value === "none" ? "Not steered"
        : `Steered: ${S.METHODS[ui.method.value]}`;
      ui.panels[1].title.textContent = "Exact law";
      ui.panels.forEach(function (one) {
        one.canvas.setAttribute("aria-label", `${one.title.textContent}: ${count} points and ${table.length} `
          + `numbered humps, with ${where} observed. A square from \u22123 to 3 in both directions.`);
      });
      draw();
    }

    /* The cloud follows later. */
    async function steer() {
      const began = performance.now(), method = ui.method.value, normal = DiffusionShared.normals(seed);
      const noise = Float64Array.from({ length: 2 * count }, normal);
      const found = await S.run({ table, path, method, observation: observation(), grid, noise, normal,
                                  uniform: DiffusionShared.uniforms(seed + 2) });
      frames = found.frames;
      const weights = S.weights(table, frames[STEPS]);
      ui.cloud.forEach((cell, k) => { cell.textContent = percent(weights[k]); });
      const copies = method === "particles" ? `, resampled ${found.resampled} times` : "";
      say(`${count} points, ${STEPS} steps${copies}: computed here in `
        + `${((performance.now() - began) / 1000).toFixed(1)} s.`);
      draw();
    }

    /* The reader's place. */
    function go(x, y) {
      const clamp = (value) => Math.min(2.9, Math.max(-2.9, value));
      [place[0], place[1]] = [clamp(x), clamp(y)];
      compute();
    }
    views.forEach(function (view) {
      view.canvas.addEventListener("click", (e) => go(...view.plane(e.clientX, e.clientY)));
    });
    ui.handle.addEventListener("pointerdown", function (event) {
      if (event.button) { return; }
      event.preventDefault();
      ui.handle.focus({ preventScroll: true });
      ui.handle.setPointerCapture(event.pointerId);
    });
    ui.handle.addEventListener("pointermove", function (event) {
      if (ui.handle.hasPointerCapture(event.pointerId)) { go(...views[0].plane(event.clientX, event.clientY)); }
    });
    ui.handle.addEventListener("keydown", function (event) {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!move || event.ctrlKey || event.metaKey || event.altKey) { return; }
      event.preventDefault();
      const far = event.shiftKey ? 0.5 : 0.1;
      go(place[0] + far * move[0], place[1] + far * move[1]);
    });

    /* Wiring. */
    for (const choice of [ui.method, ui.known]) { choice.addEventListener("change", compute); }
    for (const range of [ui.noise, ui.angle]) { range.addEventListener("input", compute); }
    ui.renew.addEventListener("click", () => { seed += 3; compute(); });
    ui.play.addEventListener("click", () => clock.play());
    DiffusionShared.watch(root, views, draw, (colours) => { palette = colours; });
    DiffusionShared.whenSeen(root, compute);
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".steering-explorer").forEach(S.mount);
  });
})(globalThis.DiffusionSteering = globalThis.DiffusionSteering || {});
