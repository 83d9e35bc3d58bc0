/* Ordinary HTML, each thing with a name. */
(function (shared) {
  "use strict";

  /* An element with attributes and children. */
  const make = shared.make = function (tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
    node.append(...children);
    return node;
  };

  /* A list with a name, and the label around both. */
  shared.list = function (name, choices, chosen) {
    const select = make("select", {}, ...Object.entries(choices).map(
      ([value, text]) => make("option", { value }, text)));
    select.value = chosen;
    return [select, make("label", {}, make("span", {}, name), select)];
  };

  /* A box to tick, and the label around it. */
  shared.tick = function (name, checked) {
    const box = make("input", { type: "checkbox" });
    box.checked = checked;
    return [box, make("label", { class: "explorer-tick" }, box, name)];
  };
})(globalThis.DiffusionShared = globalThis.DiffusionShared || {});
