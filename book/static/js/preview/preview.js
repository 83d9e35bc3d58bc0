/* Point at the number of an equation, or reach it by keyboard, and the equation stands beside it.
   The box goes with Escape, and when pointer and focus are elsewhere; a pointer may move into it. */
(function () {
  "use strict";
  const LINKS = '.bd-article a.internal[href*="#equation-eq-"]:not(.headerlink)';
  const WAIT = 250, STAY = 200;  // milliseconds
  const GAP = 8;  // pixels between the number and the box, and to the window's edge
  const ROOT = document.documentElement.dataset.content_root || "./";
  let box = null, shown = null, timer = 0, loaded = null;

  function load() {
    loaded = loaded || new Promise(function (done, failed) {
      const script = document.createElement("script");
      script.src = `${ROOT}_static/js/preview/equations.js`;
      script.onload = () => done(window.bookEquations);
      script.onerror = failed;
      document.head.append(script);
    });
    return loaded;
  }

  function make() {
    box = document.createElement("div");
    box.className = "equation-preview";
    box.id = "equation-preview";
    box.setAttribute("role", "tooltip");
    box.hidden = true;
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", () => later(hide, STAY));
    document.querySelector(".bd-article").append(box);
  }

  function later(what, wait) {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  }

  async function show(link) {
    const equations = await load(), tex = equations[link.hash.slice("#equation-".length)];
    if (!tex || shown === link) { return; }
    hide();
    if (!box) { make(); }
    shown = link;
    box.textContent = tex;
    box.style.visibility = "hidden";
    box.hidden = false;
    if (window.MathJax.typesetClear) { window.MathJax.typesetClear([box]); }
    await window.MathJax.typesetPromise([box]);
    if (shown !== link) { return; }
    place(link);
    link.setAttribute("aria-describedby", box.id);
    box.style.visibility = "";
  }

  /* Above the number where there is room, else below; within the column where it fits there. */
  function place(link) {
    const at = link.getClientRects()[0], { offsetWidth: width, offsetHeight: height } = box;
    const column = link.closest(".bd-article").getBoundingClientRect();
    const left = Math.min(at.left, column.right - width);
    box.style.left = `${Math.max(GAP, left)}px`;
    box.style.top = `${at.top > height + 2 * GAP ? at.top - height - GAP : at.bottom + GAP}px`;
  }

  function hide() {
    clearTimeout(timer);
    if (!shown) { return; }
    shown.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  }

  const linkOf = (event) => event.target.closest && event.target.closest(LINKS);
  document.addEventListener("pointerover", function (event) {
    const link = event.pointerType !== "touch" && linkOf(event);
    if (link) { later(() => show(link), WAIT); }
  });
  document.addEventListener("pointerout", function (event) {
    if (linkOf(event)) { later(hide, STAY); }
  });
  document.addEventListener("focusin", function (event) {
    const link = linkOf(event);
    if (link && link.matches(":focus-visible")) { show(link); }
  });
  document.addEventListener("focusout", (event) => linkOf(event) && hide());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("scroll", hide, { passive: true });
})();
