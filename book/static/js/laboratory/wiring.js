/* What happens when the reader takes a choice or presses a button. */
(function (L) {
  "use strict";

  /* choose: takes over some choices; write: sets the page's parts to what is chosen. */
  L.wire = function (lab, choose, write) {
    const { ui, sketch } = lab;
    for (const name of ["path", "row", "sampler"]) {
      ui[name].addEventListener("change", () => choose({ [name]: ui[name].value }));
    }
    for (const name of ["steps", "w"]) {
      ui[name].addEventListener("input", () => choose({ [name]: Number(ui[name].value) }));
    }
    ui.label.addEventListener("change", () => choose({ label: Number(ui.label.value) }));
    ui.seed.addEventListener("change", function () {
      const seed = Number(ui.seed.value);
      if (Number.isInteger(seed) && seed >= 1 && seed <= 9999) { choose({ seed }); return; }
      lab.say(`Seed must be a whole number from 1 to 9999; it is ${ui.seed.value || "empty"}.`);
      write();
    });
    for (const [name, box] of Object.entries(ui.see)) {
      box.addEventListener("change", () => choose({
        see: Object.keys(ui.see).filter((key) => ui.see[key].checked) }));
    }
    for (const name of ["arrows", "lines", "error"]) {
      ui.see[name].addEventListener("change", function () {
        if (name === "lines" && ui.see.lines.checked && !lab.point) {
          lab.show(0.5, 0.5);
        } else if (ui.see[name].checked && lab.clock.time() === 0) {
          lab.say(`Nothing is left to be removed at t = 0: the ${L.SEE[name]} can be seen before.`);
        }
      });
    }
    ui.preset.addEventListener("change", function () {
      if (!ui.preset.value) { return; }  // what is drawn is drawn
      sketch.begin();
      sketch.load(L.presets[ui.preset.value](), ui.preset.value);
      lab.drew(true, false);
    });
    ui.undo.addEventListener("click", lab.undo);
    ui.clear.addEventListener("click", function () {
      sketch.begin();
      sketch.clear();
      lab.drew(true, false);
    });
    ui.play.addEventListener("click", lab.clock.play);
    ui.forget.addEventListener("click", lab.drops.forget);
    ui.mark.addEventListener("change", function () {
      if (lab.tool() !== "gaussian" || sketch.chosen() < 0) { return; }
      sketch.begin();
      sketch.reshape({ label: Number(ui.mark.value) });
      lab.drew(true, false);
    });
    for (const [name, field] of Object.entries(ui.fields)) {
      field.addEventListener("change", function () {
        const value = Number(field.value), [title, least, most] = L.SHAPE[name];
        if (field.value === "" || !(value >= least && value <= most)) {
          lab.say(`${title} must be a number from ${least} to ${most}; it is `
            + `${field.value || "empty"}.`);
          field.blur();
          write();
          return;
        }
        sketch.begin();
        sketch.reshape({ [name]: value });
        lab.drew(true, false);
      });
    }
    for (const radio of Object.values(ui.radios)) {
      radio.addEventListener("change", function () {
        lab.root.toggleAttribute("data-drawing", lab.draws());
        if (lab.draws()) { lab.clock.to(0); }  // what one draws are data
        write();
        lab.draw();
      });
    }
    ui.renew.addEventListener("click", function () {
      lab.wish.noise = (lab.wish.noise || 0) + 1;
      lab.compute.change({});
    });
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
