/* A laboratory to pass on: as an address, as a file, as a cell of a notebook. */
(function (L) {
  "use strict";

  L.share = function (lab) {
    const { ui, root } = lab, own = "hash" in root.dataset;
    let timer = 0;

    const address = () => {
      const base = own ? location.href : new URL(root.dataset.page || "", location.href).href;
      return `${base.split("#")[0]}#${L.encode(lab.state())}`;
    };

    /* To the clipboard, and where that is not allowed, into a box to copy from. */
    async function copy(text, what) {
      try {
        await navigator.clipboard.writeText(text);
        ui.text.hidden = true;
        lab.say(`${what} is copied.`);
      } catch {
        ui.text.hidden = false;
        ui.text.value = text;
        ui.text.focus();
        ui.text.select();
        lab.say(`${what} stands in the box, to be copied.`);
      }
    }

    function save() {
      const blob = new Blob([L.file(lab.state())], { type: "application/json" });
      const url = URL.createObjectURL(blob);
      DiffusionShared.make("a", { href: url, download: "laboratory.json" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 1000);
      lab.say("The laboratory is saved as laboratory.json.");
    }
    async function open() {
      const [file] = ui.file.files;
      ui.file.value = "";
      if (!file) { return; }
      try {
        lab.open(L.opened(await file.text()));
        lab.say(`${file.name} is opened.`);
      } catch (error) {
        lab.say(`${file.name} could not be opened: ${error.message}`);
      }
    }

    /* The address follows what the reader chooses, a moment later. */
    function remember() {
      if (!own) { return; }
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState(history.state, "", address()), 400);
    }
    /* What the address says, or null. */
    const given = () => (own && location.hash.length > 1 ? L.decode(location.hash.slice(1)) : null);

    if (own) {
      window.addEventListener("hashchange", function () {
        const state = given();
        if (state) { lab.open(state); }
      });
    }
    ui.link.hidden = !own && !root.dataset.page;
    ui.link.addEventListener("click", () => copy(address(), "The link"));
    ui.save.addEventListener("click", save);
    ui.open.addEventListener("click", () => ui.file.click());
    ui.file.addEventListener("change", open);
    ui.cell.addEventListener("click", function () {
      if (!lab.wish.components.length) { lab.say("There is no law yet to write down."); return; }
      try {
        copy(L.cell(L.law(lab.wish.components)), "The cell for a notebook");
      } catch (error) {
        lab.say(error.message);
      }
    });
    return { remember, given };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
