/* Two Gaussians that the reader drags: the exact map, the entropic plan and pairs within batches,
   each computed as the hand moves. */
(function (T) {
  "use strict";
  const TASK = 20;  // milliseconds after which a computation lets the page answer
  const LONG = 150;  // milliseconds after which the rest is shown without a plan of the points
  const cut = (x) => x === undefined ? "\u2026" : x.toFixed(3);
  const SIDES = [-1, 1];

  T.mount = function (root) {
    const given = root.dataset, presets = JSON.parse(given.presets);
    const standard = JSON.parse(given.points).map((points) => Float64Array.from(points));
    const count = standard[0].length / 2;
    const ui = T.controls(root, { presets, warmth: JSON.parse(given.warmth), count,
                                  epsilon: Number(given.epsilon), batch: Number(given.batch) });
    const views = ui.panels.map((one) => T.picture(one.canvas)), pair = [{}, {}];
    const draw = DiffusionShared.onFrame(paint), compute = DiffusionShared.newest(root, follow, solve);
    let palette = DiffusionShared.palette(root), shown = null;

    function start(name) {
      presets[name].forEach(function ([x, y, turn, along, across], k) {
        Object.assign(pair[k], { x, y, turn, along, across });
      });
    }
    const epsilon = () => Number((10 ** Number(ui.heat.range.value)).toPrecision(2));
    const batch = () => 2 ** Number(ui.size.range.value);

    /* What has a formula, or takes a millisecond. */
    function quick() {
      const [a, b] = pair, [covA, covB] = pair.map(T.covariance), shift = T.shift(a, b);
      const [x, y] = pair.map((g, k) => T.placed(g, standard[k])), cost = T.squares(x, y);
      const match = T.inGroups(x, y, batch());
      return {
        x, y, cost, match, epsilon: epsilon(), batch: batch(),
        mapped: T.sent(T.map(covA, covB), a, b, x),
        means: T.sent(T.meanMap(covA, covB, epsilon()), a, b, x),
        least: shift + T.cost(covA, covB),
        entropic: shift + T.entropicCost(covA, covB, epsilon()),
        leastOfPoints: T.paired(cost, T.assignment(cost)), batched: T.paired(cost, match),
      };
    }

    /* Drawing. */
    function panel(k, lines, ends, crosses) {
      const view = views[k];
      view.clear();
      view.outline(pair[0], palette.noise);
      view.outline(pair[1], palette.data);
      lines(view);
      view.open(shown.x, palette.noise);
      view.filled(ends, palette.data);
      if (crosses) { view.crosses(crosses, palette.guide); }
    }
    function paint() {
      if (!shown) { return; }
      const { x, y, mapped, match, plan } = shown, n = count;
      const each = (ends, to) => (view) =>
        match.forEach((_, i) => view.line(x, i, ends, to(i), palette.faint, 0.8));
      panel(0, each(mapped, (i) => i), mapped);
      panel(1, (view) => (plan || []).forEach(function (mass, k) {
        const share = n * mass;
        if (share > 0.01) { view.line(x, Math.floor(k / n), y, k % n, palette.faint, share); }
      }), y, shown.means);
      panel(2, each(y, (i) => match[i]), y);
    }

    function tell() {
      const now = shown, least = (cost, best) => `${cut(cost)} (least ${cut(best)})`;
      const words = [
        ["Exact map", `Gaussians: ${cut(now.least)}, the least`],
        [`Entropic plan, ε = ${now.epsilon}`,
          `Gaussians: ${least(now.entropic, now.least)}\n`
          + `Points: ${least(now.entropicOfPoints, now.leastOfPoints)}`],
        [`Pairs in batches of ${now.batch}`,
          `Points: ${least(now.batched, now.leastOfPoints)}`],
      ];
      ui.panels.forEach(function (one, k) {
        [one.title.textContent, one.numbers.textContent] = words[k];
        one.canvas.setAttribute("aria-label",
          `${words[k][0]}, from ${count} open dots of A to filled dots of B. `
          + `Mean squared distance: ${words[k][1].replace("\n", "; ")}.`);
      });
    }

    function show(found) { shown = found; tell(); draw(); }

    /* Handles and sliders say at once where they are. */
    function follow() {
      pair.forEach((g, k) => Object.entries(T.GRIPS).forEach(
        ([kind, grip]) => T.lay(ui.handles[k][kind], grip, g, SIDES[k])));
      ui.heat.now.textContent = `= ${epsilon()}`;
      ui.heat.range.setAttribute("aria-valuetext", String(epsilon()));
      ui.size.now.textContent = String(batch());
      ui.size.range.setAttribute("aria-valuetext", `${batch()} of ${count}`);
    }

    /* Everything else; it is left half way, once it takes long, where a newer wish has come. */
    async function solve(newer) {
      const began = performance.now(), next = quick();
      let since = began;
      const soft = await T.sinkhorn(next.cost, next.epsilon, { async rest() {
        if (performance.now() - since < TASK) { return false; }
        await DiffusionShared.pause();
        since = performance.now();
        const late = since - began > LONG;
        if (late && shown !== next) { show(next); }
        return late && newer();
      } }).catch((error) => ({ failed: error.message }));
      if (!soft) { return false; }
      Object.assign(next, { plan: soft.plan, entropicOfPoints: soft.cost });
      show(next);
      const seconds = ((performance.now() - began) / 1000).toFixed(2);
      ui.status.textContent = soft.failed ? `No plan between the points: ${soft.failed}.`
        : `${cut(next.entropic - next.least)} above the least by the entropic plan, `
        + `${cut(next.batched - next.leastOfPoints)} by batches of ${next.batch}. `
        + `${count} points of each, ${soft.iterations} iterations: `
        + `computed here in ${seconds} s.`;
    }

    /* Wiring. */
    pair.forEach((g, k) => Object.entries(T.GRIPS).forEach(
      ([kind, grip]) => T.hold(ui.handles[k][kind], grip, g, SIDES[k], views[0], compute)));
    for (const { range } of [ui.heat, ui.size]) { range.addEventListener("input", compute); }
    ui.buttons.forEach(function (button) {
      button.addEventListener("click", () => { start(button.textContent); compute(); });
    });
    start(given.preset);
    DiffusionShared.watch(root, views, draw, (colours) => { palette = colours; });
    DiffusionShared.whenSeen(root, compute);
  };

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".transport-explorer").forEach(T.mount);
  });
})(globalThis.DiffusionTransport = globalThis.DiffusionTransport || {});
