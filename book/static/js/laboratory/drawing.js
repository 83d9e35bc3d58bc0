/* Tools on the pictures, by mouse, finger and keyboard. A drawing tool acts on the exact field's
   picture; what it changes is one step for Undo. */
(function (L) {
  "use strict";
  const SPACING = 0.12;  // between painted points
  const ERASER = 0.25;
  const { number } = DiffusionShared;
  const at = (x, y) => `(${number(x)}, ${number(y)})`;

  L.drawing = function (lab) {
    const { sketch } = lab;
    let stroke = null;  // of the pointer that is down: where it was last, and what it does
    const reach = (pixels) => pixels * 6 / (lab.views[1].side() || 300);
    const full = () => lab.say(`${L.MOST} components are the most. Undo or erase some.`);
    const label = () => Number(lab.ui.mark.value);

    /* Paint along the way from where the brush was. */
    function paint(x, y) {
      const far = Math.hypot(x - stroke.x, y - stroke.y), count = Math.floor(far / SPACING);
      for (let k = 1; k <= count; k++) {
        const share = k * SPACING / far;
        const there = [stroke.x + share * (x - stroke.x), stroke.y + share * (y - stroke.y)];
        if (!sketch.paint(...there, label())) { full(); return false; }
        if (k === count) { [stroke.x, stroke.y] = there; }
      }
      return count > 0;
    }

    /* Begin with a Gaussian: by a handle of the chosen one, by its middle, or by placing one. */
    function take(x, y, near) {
      const chosen = sketch.parts()[sketch.chosen()];
      const middle = chosen ? Math.hypot(x - chosen[1], y - chosen[2]) : 0;
      const handle = chosen ? L.handles(chosen).findIndex(([hx, hy]) =>
        Math.hypot(x - hx, y - hy) < Math.min(near, middle)) : -1;
      if (handle >= 0) { return { handle, from: L.shape(chosen) }; }
      const found = sketch.near(x, y, near);
      if (found >= 0) {
        sketch.choose(found);
      } else if (!sketch.place(x, y, label())) {
        full();
        return null;
      }
      const from = L.shape(sketch.parts()[sketch.chosen()]);
      return { from, dx: from.x - x, dy: from.y - y, placed: found < 0 };
    }
    function drag({ handle, from, dx, dy }, x, y) {
      if (handle === undefined) {
        sketch.reshape({ ...from, x: x + dx, y: y + dy });
        return;
      }
      const length = Math.hypot(x - from.x, y - from.y) / L.STDS;
      const turn = Math.atan2(y - from.y, x - from.x) * 180 / Math.PI;
      sketch.reshape(handle ? { ...from, across: length, angle: turn - 90 }
        : { ...from, along: length, angle: turn });
    }

    /* A stroke: it begins, goes on and ends. Whether there was room for it is returned. */
    function begin(x, y, near) {
      const tool = lab.tool();
      sketch.begin();
      lab.say("");
      stroke = { x, y, tool, changed: false };
      if (tool === "brush") {
        stroke.changed = sketch.paint(x, y, label());
        if (!stroke.changed) { full(); }
      } else if (tool === "erase") {
        stroke.changed = sketch.erase(x, y, ERASER);
      } else {
        stroke.taken = take(x, y, near);
        stroke.changed = Boolean(stroke.taken && stroke.taken.placed);
      }
      const { changed, taken } = stroke;
      lab.drew(changed, true);
      return changed || tool === "erase" || Boolean(taken);
    }
    function go(x, y) {
      let changed = false;
      if (stroke.tool === "brush") {
        changed = paint(x, y);
      } else if (stroke.tool === "erase") {
        changed = sketch.erase(x, y, ERASER);
      } else if (stroke.taken) {
        const still = Math.hypot(x - stroke.x, y - stroke.y) < reach(4);  // a hand is never quite
        if (still && !stroke.moved) { return; }
        stroke.moved = true;
        drag(stroke.taken, x, y);
        changed = true;
      }
      stroke.changed = stroke.changed || changed;
      lab.drew(changed, true);
    }
    function end() {
      if (!stroke) { return; }
      const { changed } = stroke;
      stroke = null;
      if (!changed) { sketch.forgive(); }
      lab.drew(changed, false);
    }

    /* What a tool does at a place of picture k, at once. */
    function act(k, x, y, near) {
      if (lab.tool() === "look") {
        lab.drops.release(x, y);
      } else if (lab.tool() === "lines") {
        lab.show(x, y);
      } else if (k === 0) {
        lab.say("Draw on the right picture, that of the exact field.");
      } else {
        const room = begin(x, y, near), count = sketch.parts().length;
        end();
        const said = `${L.TOOLS[lab.tool()]} at ${at(x, y)}: ${count} components.`;
        if (!room) { full(); } else if (count) { lab.say(said); }
      }
    }

    function key(k, event) {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1],
                     ArrowDown: [0, -1] }[event.key];
      const chosen = lab.draws() && sketch.parts()[sketch.chosen()];  // one sees it
      const from = chosen && L.shape(chosen);
      const scale = { "+": 1.1, "=": 1.1, "-": 1 / 1.1 }[event.key];
      const turn = { "[": 5, "]": -5 }[event.key];
      if ((event.ctrlKey || event.metaKey) && event.key === "z") {
        lab.undo();
      } else if (event.ctrlKey || event.metaKey || event.altKey) {
        return;
      } else if (move) {
        move.forEach(function (d, i) {
          const far = d * (event.shiftKey ? 0.5 : 0.1);
          const there = Math.round(10 * (lab.cursor[i] + far)) / 10 || 0;  // no −0
          lab.cursor[i] = Math.min(3, Math.max(-3, there));
        });
        lab.crossed = true;
        lab.draw();
      } else if (event.key === "Enter" || event.key === " ") {
        act(k, ...lab.cursor, 0.1);
      } else if (event.key === "Escape") {
        lab.drops.forget();
      } else if (from && (scale || turn || event.key === "Delete" || event.key === "Backspace")) {
        sketch.begin();
        if (scale) {
          sketch.reshape({ along: from.along * scale, across: from.across * scale });
        } else if (turn) {
          sketch.reshape({ angle: from.angle + turn });
        } else {
          sketch.remove();
        }
        lab.drew(true, false);
      } else { return; }
      event.preventDefault();
    }

    lab.views.forEach(function (view, k) {
      const { canvas } = view;
      canvas.addEventListener("keydown", (event) => key(k, event));
      canvas.addEventListener("focus", function () {
        lab.crossed = canvas.matches(":focus-visible");
        lab.draw();
      });
      canvas.addEventListener("blur", () => { lab.crossed = false; lab.draw(); });
      canvas.addEventListener("click", function (event) {
        if (!(k && lab.draws())) { act(k, ...view.plane(event.clientX, event.clientY)); }
      });
    });
    const { canvas } = lab.views[1], place = (event) =>
      lab.views[1].plane(event.clientX, event.clientY).map((z) => Math.min(3, Math.max(-3, z)));
    canvas.addEventListener("pointerdown", function (event) {
      if (!lab.draws() || stroke || event.button) { return; }
      canvas.setPointerCapture(event.pointerId);
      begin(...place(event), reach(event.pointerType === "touch" ? 24 : 14));
      stroke.pointer = event.pointerId;
    });
    canvas.addEventListener("pointermove", function (event) {
      if (stroke && stroke.pointer === event.pointerId) { go(...place(event)); }
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(name, function (event) {
        if (stroke && stroke.pointer === event.pointerId) { end(); }
      });
    }
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
