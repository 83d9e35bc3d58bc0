/* A square to walk through: a point to drag, and the image that was drawn at that place. */
(function () {
  "use strict";

  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
    node.append(...children);
    return node;
  }

  const clamp = (k, last) => Math.min(last, Math.max(0, k));

  function walk(root, frames) {
    const side = +root.dataset.side, last = side - 1, size = frames.naturalWidth / side;
    const titles = JSON.parse(root.dataset.titles);
    let view = 0, across = last / 2, down = last / 2;

    function picture(name) {
      return make("canvas", { class: name, width: size, height: size, "aria-hidden": "true" });
    }
    function draw(canvas, column, row) {
      canvas.getContext("2d").drawImage(
        frames, column * size, (view * side + row) * size, size, size, 0, 0, size, size);
    }

    const corners = [[0, 0], [last, 0], [0, last], [last, last]];
    const pictures = corners.map(() => picture("square-corner"));
    const point = make("span", {
      class: "square-point", role: "slider", tabindex: "0",
      "aria-roledescription": "point in a square", "aria-valuemin": "0",
      "aria-valuemax": String(side * side - 1),
    });
    const field = make("div", { class: "square-field" }, point);
    const pad = make("div", { class: "square-pad" }, ...pictures, field);
    const here = picture("square-here"), place = make("output", { "aria-live": "off" });
    here.removeAttribute("aria-hidden");
    here.setAttribute("role", "img");

    function show() {
      const percent = (k) => Math.round(100 * k / last);
      const words = `${percent(across)}\u00a0% across, ${percent(down)}\u00a0% down`;
      point.style.left = `${100 * across / last}%`;
      point.style.top = `${100 * down / last}%`;
      point.setAttribute("aria-label", `Place in the square: ${titles[view]}`);
      point.setAttribute("aria-valuenow", String(down * side + across));
      point.setAttribute("aria-valuetext", words);
      here.setAttribute("aria-label", `${root.dataset.alt} Here: ${titles[view]}, ${words}.`);
      place.textContent = words;
      draw(here, across, down);
      root.dataset.shown = `${view} ${across} ${down}`;
    }
    function go(column, row) {
      across = clamp(column, last);
      down = clamp(row, last);
      show();
    }
    function choose(k) {
      view = k;
      corners.forEach(([column, row], i) => draw(pictures[i], column, row));
      show();
    }
    function follow(event) {
      const box = field.getBoundingClientRect();
      go(Math.round((event.clientX - box.left) / box.width * last),
         Math.round((event.clientY - box.top) / box.height * last));
    }

    pad.addEventListener("pointerdown", function (event) {
      if (event.button) { return; }
      event.preventDefault();
      point.focus({ preventScroll: true });
      pad.setPointerCapture(event.pointerId);
      follow(event);
    });
    pad.addEventListener("pointermove", function (event) {
      if (pad.hasPointerCapture(event.pointerId)) { follow(event); }
    });
    const keys = {
      ArrowLeft: () => go(across - 1, down), ArrowRight: () => go(across + 1, down),
      ArrowUp: () => go(across, down - 1), ArrowDown: () => go(across, down + 1),
      Home: () => go(0, down), End: () => go(last, down),
      PageUp: () => go(across, 0), PageDown: () => go(across, last),
    };
    point.addEventListener("keydown", function (event) {
      if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        keys[event.key]();
      }
    });

    const choices = make("fieldset", { class: "square-views" }, make("legend", {}, "Corners"));
    const group = `square-${Array.from(document.querySelectorAll(".latent-square")).indexOf(root)}`;
    titles.forEach(function (title, k) {
      const radio = make("input", { type: "radio", name: group });
      radio.checked = k === 0;
      radio.addEventListener("change", () => choose(k));
      choices.append(make("label", {}, radio, make("span", {}, title)));
    });
    choices.hidden = titles.length < 2;
    root.append(make("div", { class: "square-live" }, choices,
      make("div", { class: "square-panels" },
        make("div", {}, make("p", {}, "Drag the point, or use the arrow keys"), pad),
        make("div", {}, make("p", {}, place), here))));
    choose(0);
    root.classList.add("is-live");
  }

  document.querySelectorAll(".latent-square").forEach(function (root) {
    const frames = new Image();
    frames.addEventListener("load", () => walk(root, frames));
    frames.src = root.dataset.frames;
  });
})();
