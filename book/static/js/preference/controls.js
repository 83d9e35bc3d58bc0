/* The triangle, the picture of the plane and the table: ordinary HTML, each thing with a name. */
(function (P) {
  "use strict";
  const { make, list } = DiffusionShared;
  const WIDE = 2.6, HIGH = 2.4, TOP = 1.5;  // what the triangle's picture shows, around 0 and below 1.5
  P.DATA = { humps: "five humps", one: "one Gaussian" };

  const svg = function (tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
    node.append(...children);
    return node;
  };

  /* Where a place of the triangle is in its picture, as shares of width and height; and back. */
  P.toPicture = ([x, y]) => [0.5 + x / WIDE, (TOP - y) / HIGH];
  P.fromPicture = ([u, v]) => [(u - 0.5) * WIDE, TOP - v * HIGH];

  function triangle() {
    const at = (w) => P.toPicture(P.place(w)).map((share, i) => share * [WIDE, HIGH][i]).join(",");
    const lines = P.mesh.map((line, k) => svg("polyline", {
      points: [line[0], line[line.length - 1]].map(at).join(" "), class: k < 3 ? "preference-edge" : "",
    }));
    return svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" }, ...lines);
  }

  /* Build everything below `root`; what is returned are the parts by name. */
  P.controls = function (root, data) {
    const ring = make("span", { class: "preference-ring", "aria-hidden": "true" });
    const hint = make("p", { class: "explorer-hint", id: `preference-hint-${++P.mounted}` },
      "Drag the dot, or click or tap the triangle. With the keyboard: arrow keys on the dot, with "
      + "Shift for larger steps.");
    const handle = make("span", {
      class: "preference-handle", role: "slider", tabindex: "0", "aria-label": "Preference",
      "aria-roledescription": "point in the triangle", "aria-valuemin": "0", "aria-valuemax": "100",
      "aria-describedby": hint.id });
    const names = P.CORNERS.map(function (corner, k) {
      const [u, v] = P.toPicture(corner.map((value) => 1.22 * value));
      return make("span", { class: "preference-corner", "aria-hidden": "true",
                            style: `left: ${100 * u}%; top: ${100 * v}%` }, P.NAMES[k]);
    });
    const field = make("div", { class: "preference-field" }, triangle(), ...names, ring, handle);
    const canvas = make("canvas", { role: "img", "aria-label": "Samples in the plane" });
    const panel = (title, content) => make("div", { class: "explorer-panel" },
      make("figcaption", {}, title), content);
    const buttons = [...P.NAMES, "Even"].map((name) => make("button", { type: "button" },
      name === "Even" ? name : `All ${name}`));
    const [choice, label] = list("Data", P.DATA, data);
    const row = function (name, meaning) {
      const cells = P.NAMES.map(() => make("td"));
      return { cells, row: make("tr", { class: meaning }, make("th", { scope: "row" }, name), ...cells) };
    };
    const rows = { set: row("preference set, %", ""), got: row("sampled, %", "is-sampled"),
                   exact: row("mean reward, exact", ""), reward: row("sampled", "is-sampled") };
    const heads = P.NAMES.map((name) => make("th", { scope: "col" }, name));
    const table = make("table", { class: "preference-table" },
      make("caption", { class: "visually-hidden" }, "What is set and exact, and what is sampled"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "reward"), ...heads)),
      make("tbody", {}, ...Object.values(rows).map((one) => one.row)));
    const status = make("p", { class: "explorer-status", role: "status" });
    root.append(make("div", { class: "explorer-live", role: "group",
                              "aria-label": "Triangle of preferences" },
      make("div", { class: "explorer-panels" }, panel("Preference", field), panel("Samples", canvas)),
      make("div", { class: "explorer-row" }, ...buttons, label), table, hint, status));
    return { field, ring, handle, canvas, buttons, choice, status,
             cells: Object.fromEntries(Object.entries(rows).map(([name, one]) => [name, one.cells])) };
  };
  P.mounted = 0;
})(globalThis.DiffusionPreference = globalThis.DiffusionPreference || {});
