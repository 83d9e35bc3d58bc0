/* Point at the number of an equation, or reach it by keyboard, and the equation stands beside it.
   The box goes with Escape, and when neither pointer nor focus is on the number or in the box. */
(function () {
  "use strict";
  const LINKS = '.bd-article a.internal[href*="#equation-eq-"]:not(.headerlink)';
  const WAIT = 250, STAY = 200;  // milliseconds
  const GAP = 8;  // pixels between the number and the box, and to the window's edges
  const ROOT = document.documentElement.dataset.content_root || "./";
  let box = null, wanted = null, shown = null, timer = 0, loaded = null;

  function load() {
    loaded = loaded || new Promise(function (done) {
      const script = document.createElement("script");
      script.src = `${ROOT}_static/js/preview/equations.js`;
      script.onload = () => done(window.bookEquations);
      script.onerror = function () { loaded = null; done({}); };
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
    box.addEventListener("pointerleave", leave);
    document.querySelector(".bd-article").append(box);
  }

  function later(what, wait) {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  }

  async function show(link) {
    clearTimeout(timer);
    if (shown === link) { return; }
    wanted = link;
    const tex = (await load())[link.hash.slice("#equation-".length)];
    if (!tex || wanted !== link || !(window.MathJax && window.MathJax.typesetPromise)) { return; }
    hide();
    if (!box) { make(); }
    wanted = link;
    box.style.visibility = "hidden";
    box.hidden = false;
    if (window.MathJax.typesetClear) { window.MathJax.typesetClear([box]); }
    box.textContent = tex;
    await window.MathJax.typesetPromise([box]);
    if (wanted !== link) { return; }
    shown = link;
    place();
    link.setAttribute("aria-describedby", box.id);
    box.style.visibility = "";
  }

  /* Above the number where there is room, else below; within the column where it fits there. */
  function place() {
    const at = shown.getClientRects()[0], { offsetWidth: width, offsetHeight: height } = box;
    const column = shown.closest(".bd-article").getBoundingClientRect();
    if (!at || at.bottom < 0 || at.top > innerHeight) { hide(); return; }
    const left = Math.min(at.left, Math.min(column.right, innerWidth - GAP) - width);
    const top = at.top > height + 2 * GAP ? at.top - height - GAP
      : Math.min(at.bottom + GAP, innerHeight - height - GAP);
    box.style.left = `${Math.max(GAP, left)}px`;
    box.style.top = `${Math.max(GAP, top)}px`;
  }

  function hide() {
    clearTimeout(timer);
    wanted = null;
    if (box) { box.hidden = true; }
    if (shown) { shown.removeAttribute("aria-describedby"); }
    shown = null;
  }

  const held = () => [wanted, box].some((part) => part && part.matches(":hover"))
    || document.activeElement === wanted;
  function leave() {
    later(() => held() || hide(), STAY);
  }

  const linkOf = (event) => event.target.closest && event.target.closest(LINKS);
  document.addEventListener("pointerover", function (event) {
    const link = event.pointerType !== "touch" && linkOf(event);
    if (link) { later(() => show(link), WAIT); }
  });
  document.addEventListener("pointerout", (event) => linkOf(event) && leave());
  document.addEventListener("focusin", function (event) {
    const link = linkOf(event);
    if (link && link.matches(":focus-visible")) { show(link); }
  });
  document.addEventListener("focusout", (event) => linkOf(event) && leave());
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  for (const change of ["scroll", "resize"]) {
    addEventListener(change, () => shown && place(), { passive: true });
  }
})();
