/* The time that is looked at: it plays from noise to data, or steps where the reader wants no
   motion, and holds while what it would show is not computed. */
(function (shared) {
  "use strict";
  const DURATION = 5000;  // milliseconds from noise to data
  const LONGEST = 250;  // milliseconds of one frame: time holds where the page is not looked at
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  /* Two digits, and a minus sign that is one. */
  shared.number = (x) => x.toFixed(2).replace("-", "\u2212");

  /* ui: with the parts `play` and `time`; start: the time at first. Of the page's part it asks the
     `grid`, whether time is `held`, to `draw`, and to `say` something. */
  shared.clock = function (ui, start, { grid, held, draw, say }) {
    let t = start, playing = null;  // when the last frame was, while it plays

    function stop() { playing = null; ui.play.textContent = still.matches ? "Next step" : "Play"; }
    function to(time) { t = Math.min(1, Math.max(0, time)); draw(); }
    function frame(now) {
      if (playing === null) { return; }
      if (!held()) { to(t - Math.min(LONGEST, now - playing) / DURATION); }
      playing = now;
      if (t === 0) { stop(); say("Arrived at t = 0."); } else { requestAnimationFrame(frame); }
    }
    function step() {
      to(grid().find((time) => time < t - 1e-9));
      say(`t = ${shared.number(t)}`);
    }
    function play() {
      if (playing !== null) { stop(); return; }
      if (held() && still.matches) { return; }
      if (t === 0) { to(1); if (still.matches) { return; } }
      if (still.matches) { step(); return; }
      ui.play.textContent = "Pause";
      playing = performance.now();
      requestAnimationFrame(frame);
    }

    ui.time.addEventListener("input", () => { stop(); to(1 - ui.time.value); });
    still.addEventListener("change", stop);
    stop();
    return { time: () => t, to, play };
  };
})(globalThis.DiffusionShared = globalThis.DiffusionShared || {});
