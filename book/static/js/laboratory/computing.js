/* From what the reader wishes to what is on display. A newer wish makes an older one stop; a wish
   that is refused goes back to what is shown. */
(function (L) {
  "use strict";
  const PARTICLES = 2000, FEW = 300;  // FEW while something is dragged or trained
  const OF_LAW = ["components", "path", "row", "seed"];
  const counted = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

  L.computing = function (lab) {
    let job = 0, running = false, again = false;
    let law = null;  // the wish whose law the worker has

    const same = (a, b) => a && OF_LAW.every((key) => a[key] === b[key]);

    function question(wish, n) {
      const { sampler, steps, label, w, seed, noise = 0 } = wish;
      return { sampler, steps, n, seed: seed + noise, label, w };
    }

    /* The law with its data; the network starts anew. */
    async function settle(wish) {
      const { components, path, row, seed } = wish;
      law = null;
      lab.training.halt();
      const answer = await lab.desk.ask("law", { components, path, row, seed });
      if (answer) {
        law = wish;
        [lab.labels, lab.data] = [answer.labels, answer.points];
        lab.training.clear();
      }
      return answer;
    }

    /* live: more of the same comes at once; so fewer particles do, and nothing is dimmed. */
    async function refresh(live = false) {
      if (live && running) { again = true; return; }
      const mine = ++job, wish = { ...lab.wish }, began = performance.now();
      const late = () => mine !== job;
      [running, again] = [true, false];
      lab.busy(true, live);
      try {
        if (!wish.components.length) { nothing(); return; }
        if (!same(law, wish)) {
          const answer = await settle(wish);
          if (!answer || late()) { return; }
          if (!lab.labels.includes(wish.label)) { wish.label = lab.wish.label = -1; }
        }
        const sides = [];
        for (const who of ["exact", "learned"]) {
          const asked = { who, ...question(wish, live ? FEW : PARTICLES) };
          const trained = lab.training.steps(), side = await lab.desk.ask("fly", asked);
          if (!side || late()) { return; }
          sides.unshift({ ...side, trained });
        }
        display(wish, sides, live);
        if (live) { await lab.moments.look(); }  // it is seen before the next one is computed
        if (!live) { told(sides, wish, performance.now() - began); }
      } catch (error) {
        if (!late()) { refused(error); }
        return;
      } finally {
        if (!late()) { running = false; }
      }
      if (again) { refresh(true); } else { lab.training.catchUp(); }
    }

    function display(wish, sides, live) {
      [lab.sides, lab.shown] = [sides, wish];
      lab.version += 1;
      lab.busy(false, live);
      lab.name();
      lab.root.dataset.computed = job;
      if (live) { return; }
      lab.moments.look();
      lab.drops.renew(["learned", "exact"], true);
    }
    function told([learned], wish, milliseconds) {
      const particles = counted(learned.frames[0].length / 2, "particle");
      const steps = counted(wish.steps, "step"), looks = counted(learned.looks, "look");
      lab.say(`${particles}, ${steps}, ${looks} at the network for each: computed here in `
        + `${(milliseconds / 1000).toFixed(1)} s.`);
    }

    /* Nothing is drawn: there is no law, and so no field. */
    function nothing() {
      if (lab.training.on()) { lab.desk.ask("stop").catch((error) => lab.say(error.message)); }
      lab.training.halt();
      lab.training.clear();
      [law, lab.sides, lab.shown, lab.data] = [null, null, null, new Float32Array(0)];
      lab.busy(false, false);
      lab.name();
      lab.root.dataset.computed = job;
      lab.moments.forget();
      lab.say("Nothing is drawn. Paint with the brush, or place a Gaussian, on the right picture.");
    }

    /* The choices go back to what is on display; the worker, too, in case it went ahead. */
    function refused(error) {
      const before = lab.shown;
      running = false;
      lab.busy(false, false);
      if (before && !lab.refused) {
        lab.refused = true;
        lab.restore(before);
        refresh().then(() => { lab.refused = false; lab.say(error.message); });
      } else {
        lab.say(error.message);
      }
    }

    /* Take over some choices. */
    function change(choices, live = false) {
      Object.assign(lab.wish, choices);
      lab.remember();
      return refresh(live);
    }

    /* The network's particles alone: it has learned on. */
    async function follow(few) {
      const asked = { who: "learned", ...question(lab.shown, few ? FEW : PARTICLES) };
      const trained = lab.training.steps(), side = await lab.desk.ask("fly", asked);
      if (!side || running || !lab.sides) { return; }
      lab.sides = [{ ...side, trained }, lab.sides[1]];
      lab.version += 1;
      lab.name();
      lab.moments.look();
      if (!few || !lab.drops.busy()) { lab.drops.renew(["learned"], false); }
    }

    /* The network starts anew though the reader's wish is the same. */
    function anew() { law = null; return refresh(); }

    return { change, refresh, follow, anew, running: () => running };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
