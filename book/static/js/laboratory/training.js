/* Training as the reader sees it: a button, the loss beside its floor, and particles of the network
   as it learns. */
(function (L) {
  "use strict";
  const EVERY = 450;  // milliseconds between two looks at the particles

  const MOST = 800;  // points of a line, above which every second one goes

  function longer(points, more) {
    const all = points.concat(more);
    return all.length > MOST ? all.filter((_, k) => k % 2 || k === all.length - 1) : all;
  }

  L.training = function (lab) {
    const { ui } = lab;
    let on = false, flown = 0, following = false, loss = [], floor = [], step = 0;

    function show() {
      ui.train.textContent = on ? "Stop" : step ? "Continue" : "Train";
      ui.loss.show([{ name: "loss", kind: "learned", points: loss },
                    { name: "exact floor", kind: "exact", points: floor, dashed: true }], 0, step);
    }
    function clear() {
      [loss, floor, step] = [[], [], 0];
      ui.progress.textContent = "Not trained yet.";
      show();
    }
    function hear(message) {
      step = message.step;
      [loss, floor] = [longer(loss, message.loss), longer(floor, message.floor)];
      const rate = Math.round(message.stepsPerSecond).toLocaleString("en");
      ui.progress.textContent = `${step.toLocaleString("en")} steps in `
        + `${message.seconds.toFixed(1)} s, ${rate} a second.`;
      show();
      const late = performance.now() - flown > EVERY;
      if (on && late && !following && !lab.compute.running()) { follow(true); }
    }
    async function follow(few) {
      following = true;
      try {
        await lab.compute.follow(few);
      } catch (error) {
        lab.say(error.message);
      }
      [following, flown] = [false, performance.now()];
    }

    function start() {
      if (!lab.shown) { lab.say("There is no law yet to learn."); return; }
      if (lab.compute.running()) { lab.say("It can train once this is there."); return; }
      on = true;
      if (lab.clock.time() === 1) { lab.clock.to(0); }  // where one sees what it has learned
      lab.desk.listen("train", {}, hear);
      lab.say("The network trains.");
      show();
    }
    /* The last report comes before the answer. */
    async function stop() {
      on = false;
      lab.say("Training stops.");
      show();
      try {
        if (!await lab.desk.ask("stop")) { return; }  // another one will be answered
      } catch (error) {
        lab.say(error.message);
      }
      if (on) { return; }
      halt();
      catchUp();
    }
    /* Particles of the last step, where training has ended since they were asked for. */
    function catchUp() {
      if (on || lab.compute.running() || !lab.sides) { return; }
      const [own, exact] = lab.sides, few = own.frames[0].length < exact.frames[0].length;
      if (few || own.trained !== step) { follow(false); }
    }
    /* Hear no more of it; a new law ends it in the worker, too. */
    function halt() {
      on = false;
      lab.desk.hush();
      show();
    }

    ui.train.addEventListener("click", () => { if (on) { stop(); } else { start(); } });
    ui.reset.addEventListener("click", () => lab.compute.anew());
    return { halt, clear, catchUp, on: () => on, steps: () => step };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
