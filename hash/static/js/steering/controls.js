/* The pictures, buttons, sliders and lists of the explorer of steering: ordinary HTML, each thing
   with a name. */
(function (S) {
  "use strict";
  const { make, list } = DiffusionShared;
  S.KNOWN = { line: "a line", point: "a place" };

  function panel(name) {
    const canvas = make("canvas", { role: "img", "aria-label": name }), title = make("figcaption");
    const plane = make("div", { class: "steering-plane" }, canvas);
    return { canvas, title, plane, figure: make("div", { class: "explorer-panel" }, title, plane) };
  }

  function slider(name, least, most, step, value) {
    const range = make("input", { type: "range", min: least, max: most, step });
    const now = make("output");
    range.value = value;
    return [range, now, make("label", {}, make("span", {}, `${name} `, now), range)];
  }

  /* Build everything below `root`; what is returned are the parts by name. The stored picture stays
     on the stage, behind the panels, until they have something to show. */
  S.controls = function (root, given, humps) {
    const panels = [panel("The steered cloud"), panel("The exact law")];
    const hint = make("p", { class: "explorer-hint", id: `steering-hint-${++S.mounted}` },
      "Drag the ring, or click or tap a picture, to move what is observed. With the keyboard: arrow "
      + "keys on the ring, with Shift for larger steps.");
    const handle = make("span", { class: "steering-handle", role: "slider", tabindex: "0",
                                  "aria-roledescription": "point in the plane", "aria-valuemin": "-3",
                                  "aria-valuemax": "3", "aria-describedby": hint.id });
    panels[0].plane.append(handle);
    const play = make("button", { type: "button" }, "Play");
    const time = make("input", { type: "range", min: "0", max: "1", step: "0.005" });
    const now = make("output");
    time.setAttribute("aria-label", "Time, from noise to data");
    const [method, methodLabel] = list("Method", S.METHODS, given.method);
    const [known, knownLabel] = list("Observed is", S.KNOWN, given.known);
    const [noise, noiseNow, noiseLabel] = slider("Noise", "0.2", "2", "0.05", given.noise);
    const [angle, angleNow, angleLabel] = slider("Angle", "0", "175", "1", given.angle);
    const renew = make("button", { type: "button" }, "New noise");
    const row = (name) => {
      const cells = humps.map(() => make("td"));
      return { cells, row: make("tr", {}, make("th", { scope: "row" }, name), ...cells) };
    };
    const [cloud, exact] = [row("Cloud"), row("Exact")];
    const heads = humps.map((_, k) => make("th", { scope: "col" }, String(k + 1)));
    const table = make("table", { class: "steering-weights" },
      make("caption", {}, "Share of each hump, in per cent"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Hump"), ...heads)),
      make("tbody", {}, cloud.row, exact.row));
    const status = make("p", { class: "explorer-status", role: "status" });
    root.append(make("div", { class: "explorer-live", role: "group",
                              "aria-label": "Explorer of steering" },
      make("div", { class: "explorer-stage" }, root.querySelector(".explorer-still"),
        make("div", { class: "explorer-panels" }, ...panels.map((part) => part.figure))),
      make("div", { class: "explorer-row explorer-time" }, play,
        make("label", {}, make("span", { class: "explorer-noise" }, "noise"), time,
          make("span", { class: "explorer-data" }, "data")), now),
      make("div", { class: "explorer-settings" }, methodLabel, knownLabel, noiseLabel, angleLabel),
      make("div", { class: "explorer-row" }, table, renew), hint, status));
    return { panels, handle, play, time, now, method, known, noise, noiseNow, angle, angleNow,
             angleLabel, renew, cloud: cloud.cells, exact: exact.cells, status };
  };
  S.mounted = 0;
})(globalThis.DiffusionSteering = globalThis.DiffusionSteering || {});
