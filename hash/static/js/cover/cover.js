/* The cover, alive: noise flows into the spiral once, and wherever the reader pours more, that
   flows, too. A reader who asked for reduced motion sees the picture, and poured noise with the
   whole of its way at once; without JavaScript there is the picture. */
(function (shared, explorer) {
  "use strict";
  const EXTENT = 2.6, FIRST = 320, DROP = 24, SPREAD = 0.2, KEPT = 12, DURATION = 4000;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  function begin(stage, picture) {
    const model = shared.exact(explorer.mixture, window.SPIRAL), normal = shared.normals(3);
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    const button = document.createElement("button"), tools = document.createElement("p");
    let drops = [], side = 0, playing = false, before = 0, colours = shared.palette(stage);
    const px = (x) => (x / EXTENT + 1) / 2 * side, py = (y) => (1 - y / EXTENT) / 2 * side;
    const cloud = (count, spread, x, y) =>
      Float64Array.from({ length: 2 * count }, (_, i) => (i % 2 ? y : x) + spread * normal());

    function ways(drop) {
      pen.strokeStyle = `rgba(${colours.ink.join(",")},0.3)`;
      for (let i = 0; i < drop.track[0].length; i += 2) {
        pen.beginPath();
        for (const at of drop.track) { pen.lineTo(px(at[i]), py(at[i + 1])); }
        pen.stroke();
      }
    }
    function points(drop) {
      const at = drop.track[drop.track.length - 1];
      pen.fillStyle = `rgb(${shared.mixed(colours.noise, colours.data, drop.share()).join(",")})`;
      for (let i = 0; i < at.length; i += 2) {
        pen.beginPath();
        pen.arc(px(at[i]), py(at[i + 1]), side / 190, 0, 7);
        pen.fill();
      }
    }
    function draw() {
      pen.clearRect(0, 0, side, side);
      for (const drop of drops) { if (drop.poured) { ways(drop); } }
      drops.forEach(points);
    }
    function tick(now) {
      const more = Math.min(100, Math.max(0, now - before)) / DURATION;
      before = now;
      for (const drop of drops) { drop.to(Math.min(1, drop.share() + more)); }
      draw();
      playing = drops.some((drop) => drop.share() < 1);
      if (playing) { requestAnimationFrame(tick); }
    }
    function add(drop, poured) {
      drop.poured = poured;
      const earlier = drops.filter((other) => other.poured);
      const gone = earlier.length < KEPT ? null : earlier[0];
      drops = drops.filter((other) => other !== gone).concat(drop);
      if (still.matches) { drop.to(1); draw(); return; }
      if (!playing) { playing = true; before = performance.now(); requestAnimationFrame(tick); }
    }
    function anew() {
      drops = [];
      picture.style.visibility = still.matches ? "" : "hidden";
      if (still.matches) { draw(); return; }
      add(shared.drop(model, cloud(FIRST, 1, 0, 0)), false);
    }
    function pour(event) {
      const box = canvas.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width * 2 - 1) * EXTENT;
      const y = (1 - (event.clientY - box.top) / box.height * 2) * EXTENT;
      add(shared.drop(model, cloud(DROP, SPREAD, x, y)), true);
    }
    function somewhere() {  // for a keyboard: on a circle, each time elsewhere
      const angle = 2.4 * drops.length;
      add(shared.drop(model, cloud(DROP, SPREAD, 2 * Math.cos(angle), 2 * Math.sin(angle))), true);
    }
    function size() {
      side = canvas.width = canvas.height =
        Math.round(stage.clientWidth * Math.min(2, window.devicePixelRatio || 1));
      pen.lineWidth = side / 600;
      draw();
    }

    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", picture.alt);
    tools.className = "cover-tools";
    button.type = "button";
    button.className = "replay";
    button.textContent = "Pour noise";
    const again = button.cloneNode();
    again.textContent = "From the start";
    tools.append("Touch it, or", button, again);
    picture.after(canvas, tools);
    picture.setAttribute("aria-hidden", "true");
    button.addEventListener("click", somewhere);
    again.addEventListener("click", anew);
    canvas.addEventListener("pointerdown", pour);
    window.addEventListener("resize", size);
    new MutationObserver(() => { colours = shared.palette(stage); draw(); })
      .observe(document.documentElement, { attributeFilter: ["data-theme"] });
    size();
    anew();
  }

  document.addEventListener("DOMContentLoaded", function () {
    const stage = document.querySelector(".cover-stage");
    if (stage) { begin(stage, stage.querySelector("img")); }
  });
})(globalThis.DiffusionShared, globalThis.DiffusionExplorer);
