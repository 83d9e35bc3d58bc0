/* The moment that is on display. Whatever a picture shows of a time is asked for as one set, and is
   shown as one set: so nothing of another moment is ever among it, and the clock waits meanwhile.
   The density of a network takes long: it follows when time has come to rest. */
(function (L) {
  "use strict";
  const SIDE = 48, COARSE = 36, LINES = 40;  // of rasters, and how many training lines
  const TIMES = Array.from({ length: 17 }, (_, k) => 1 - 0.96 * k / 16);  // of the curve of errors
  const REST = 250;  // milliseconds without a change after which time rests

  L.moments = function (lab) {
    let shown = null, looking = false, timer = 0;
    let slow = { key: "" };  // densities that came late, and of which moment
    const noise = () => lab.clock.time(), draw = DiffusionShared.onFrame(paint);

    /* Where arrows stand, and last of all the place whose training lines are shown. */
    function places(see, k) {
      const grid = see.has("arrows") ? lab.views[k].places().xy : [];
      return Float64Array.from([...grid, ...(see.has("lines") && lab.point ? lab.point : [])]);
    }

    function questions(t) {
      const see = new Set(lab.wish.see), { label, w } = lab.shown, list = [];
      const ask = (name, kind, message) =>
        list.push({ name, kind, message: { ...message, t, label, w } });
      if (t > 0.004) {
        ["learned", "exact"].forEach(function (who, k) {
          const where = places(see, k);
          if (where.length) { ask(`field ${who}`, "field", { who, places: where }); }
        });
        if (see.has("lines") && lab.point) {
          const [x, y] = lab.point;
          ask("lines", "lines", { x, y, n: LINES, seed: 3 });
        }
        if (see.has("error")) { ask("error learned", "error", { side: COARSE, times: TIMES }); }
      }
      if (see.has("density") && !guided()) {
        ask("density exact", "density", { who: "exact", side: SIDE });
      }
      return list;
    }

    /* Bring the present moment on display. While a new one is computed, the worker may have
       another law already: then what is shown stays. */
    async function look() {
      if (!lab.sides || looking || lab.computing) { draw(); return; }
      const t = noise(), version = lab.version, side = lab.sides, data = lab.data, found = {};
      const list = questions(t), grids = lab.views.map((view) => view.places());
      const point = lab.point;
      if (list.length) {
        looking = true;
        try {
          const answers = await Promise.all(list.map(({ kind, message }) =>
            lab.desk.ask(kind, message)));
          answers.forEach((answer, k) => { found[list[k].name] = answer; });
          if (answers.includes(null) || !lab.sides) { return; }  // or nothing is drawn any more
        } catch (error) {
          lab.say(error.message);
        } finally {
          looking = false;
        }
      }
      ["learned", "exact"].forEach(function (who, k) {
        if (found[`field ${who}`]) { found[`field ${who}`].places = grids[k]; }
      });
      if (found.lines) { [found.lines.x, found.lines.y] = point; }
      if (found["error learned"]) { found["error learned"].side = COARSE; }
      shown = { t, version, side, data, found };
      draw();
      if (noise() !== t || lab.version !== version) { look(); } else { rest(); }
    }

    /* Ask for the slow densities once nothing has changed for a while. */
    function rest() {
      clearTimeout(timer);
      timer = setTimeout(dwell, REST);
    }
    const key = (moment) => `${moment.version} ${moment.t}`;
    async function dwell() {
      const moment = shown, mine = moment && key(moment), { label, w } = lab.shown || {};
      if (!moment || !lab.wish.see.includes("density") || lab.training.on() || lab.computing
          || slow.key === mine) { return; }
      slow = { key: mine };
      try {
        for (const who of guided() ? ["exact", "learned"] : ["learned"]) {
          const asked = { who, t: moment.t, side: COARSE, label, w };
          const answer = await lab.desk.ask("density", asked);
          if (!answer || slow.key !== mine) { return; }
          slow[who] = answer.values;
          draw();
        }
      } catch (error) {
        lab.say(error.message);
      }
    }
    /* Of a guided field there is no density in closed form either. */
    const guided = () => lab.shown.label >= 0 && lab.shown.w !== 0 && lab.shown.w !== 1;

    function paint() {
      [0, 1].forEach((k) => L.paint(lab, k, shown));
      const t = shown ? shown.t : noise(), error = shown && shown.found["error learned"];
      lab.ui.time.value = 1 - noise();
      lab.ui.now.textContent = `t = ${DiffusionShared.number(t)}`;
      lab.ui.time.setAttribute("aria-valuetext", lab.ui.now.textContent);
      for (const part of [lab.ui.error.svg, lab.ui.errorNote]) {
        part.toggleAttribute("hidden", !error);
      }
      if (error) {
        const points = error.curve.map((value, k) => [1 - TIMES[k], value]);
        lab.ui.error.show([{ name: "error", kind: "learned", points }], 0, 1, 1 - t);
      }
    }

    /* Contour lines of a picture at a moment, where known; levels are the exact field's. */
    lab.density = function (who, moment) {
      const late = slow.key === key(moment) ? slow : {}, quick = moment.found["density exact"];
      const values = { ...late, ...(quick && { exact: quick.values }) };
      if (!values[who] || !values.exact) { return null; }
      const side = Math.sqrt(values[who].length);
      return L.contours(values[who], side, L.levels(values.exact));
    };
    return { look, draw, looking: () => looking, forget() { shown = null; draw(); } };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
