/* The reader's own particles. Each is computed on its own, from where and when it was dropped, in
   both fields; so one more leaves the others as they are. */
(function (L) {
  "use strict";
  const MOST = 200;
  const { number } = DiffusionShared;

  L.dropping = function (lab) {
    const drops = [];
    let round = 0, busy = false;

    async function fall(one, who) {
      const { sampler, steps, label, w } = lab.shown, { x, y, t } = one;
      const message = { who, from: [x, y], t, sampler, steps, label, w, seed: 7 };
      const answer = await lab.desk.ask("drop", message, true);
      one.paths = { ...one.paths, ...answer.paths };
      one.grid = answer.grid;
      lab.draw();
    }
    /* The paths of all, one after the other; anew: those that are there are of another field. */
    async function renew(who, anew) {
      const mine = ++round;
      if (anew) { for (const one of drops) { one.paths = {}; } }
      busy = true;
      try {
        for (const one of [...drops]) {
          if (mine !== round || !lab.shown) { return; }
          await fall(one, L.WHO.filter((name) => who.includes(name) || !one.paths[name]));
        }
      } catch (error) {
        lab.say(error.message);
      } finally {
        if (mine === round) { busy = false; }
      }
    }

    /* At t = 0 nothing moves any more, so there a particle starts anew from t = 1. */
    function release(x, y) {
      if (!lab.shown) { lab.say("There is no field yet to drop a particle in."); return; }
      if (drops.length >= MOST) {
        lab.say(`${MOST} dropped particles are the most. Clear them to drop more.`);
        return;
      }
      if (lab.clock.time() === 0) { lab.clock.to(1); }
      const t = lab.clock.time(), from = Object.assign([x, y], { t });
      const one = { x, y, t, from, paths: {}, grid: [t] };
      drops.push(one);
      lab.say(`A particle is dropped at (${number(x)}, ${number(y)}) at t = ${number(t)}.`);
      lab.draw();
      fall(one, ["learned", "exact"]).catch((error) => lab.say(error.message));
    }
    function forget() {
      round += 1;
      drops.length = 0;
      lab.say("Dropped particles are cleared.");
      lab.draw();
    }
    return Object.assign(drops, { release, forget, renew, busy: () => busy });
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
