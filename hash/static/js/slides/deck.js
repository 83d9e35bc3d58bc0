/* One slide at a time. The address says which (#7), so that links and the way back work. */
(function () {
  "use strict";
  const root = document.documentElement, bar = document.querySelector(".deck-bar");
  const slides = [...document.querySelectorAll(".slide")];
  const SMALLEST = 70, SWIPE = 50; // percent of the type's size; CSS pixels
  let shown = 0;

  const asked = () => {
    const number = parseInt(location.hash.slice(1), 10) || 1;
    return Math.min(Math.max(number, 1), slides.length) - 1;
  };

  function show() {
    shown = asked();
    slides.forEach((slide, k) => slide.classList.toggle("slide-shown", k === shown));
    bar.querySelector(".deck-place").textContent = `${shown + 1} / ${slides.length}`;
    const title = slides[shown].querySelector("h2");
    bar.querySelector(".deck-said").textContent =
      `Slide ${shown + 1} of ${slides.length}: ${title.textContent.replace(/\s+/g, " ").trim()}`;
    bar.querySelector("[data-go='-1']").disabled = shown === 0;
    bar.querySelector("[data-go='1']").disabled = shown === slides.length - 1;
    scrollTo(0, 0);
  }

  const go = (k) => {
    const to = Math.min(Math.max(k, 0), slides.length - 1);
    if (to !== asked() || !location.hash) location.hash = to + 1;
  };

  function overview(open) {
    root.classList.toggle("slides-all", open);
    slides.forEach((slide) => { slide.querySelector(".slide-inside").inert = open; });
    bar.querySelector("[data-go='all']").setAttribute("aria-pressed", open);
    const link = slides[shown].querySelector(".slide-open");
    if (open) link.focus(), slides[shown].scrollIntoView({ block: "center" });
    else if (document.activeElement.classList.contains("slide-open")) document.activeElement.blur();
  }

  const isOverview = () => root.classList.contains("slides-all");

  function fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (root.requestFullscreen) root.requestFullscreen();
  }

  const KEYS = {
    ArrowRight: () => go(shown + 1), ArrowLeft: () => go(shown - 1),
    ArrowDown: () => go(shown + 1), ArrowUp: () => go(shown - 1),
    PageDown: () => go(shown + 1), PageUp: () => go(shown - 1), // what clickers send
    " ": (event) => go(shown + (event.shiftKey ? -1 : 1)),
    Home: () => go(0), End: () => go(slides.length - 1),
    Escape: () => overview(!isOverview()), o: () => overview(!isOverview()), f: fullScreen,
  };

  document.addEventListener("keydown", (event) => {
    const key = event.key, act = KEYS[key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input")) return; // a film's slider moves by the same keys
    if (key === " " && event.target.closest("button, a")) return;
    const tall = root.scrollHeight > innerHeight + 1; // a phone: up and down scroll
    if (["ArrowDown", "ArrowUp", "PageDown", "PageUp"].includes(key) && (tall || isOverview())) return;
    event.preventDefault();
    act(event);
  });

  const BUTTONS = { all: () => overview(!isOverview()), full: fullScreen };
  bar.addEventListener("click", (event) => {
    const what = event.target.closest("button")?.dataset.go;
    if (what) (BUTTONS[what] || (() => go(shown + Number(what))))();
  });

  let start = null;
  document.addEventListener("touchstart", (event) => {
    const one = event.touches.length === 1 && !event.target.closest("input");
    start = one ? [event.touches[0].clientX, event.touches[0].clientY] : null;
  }, { passive: true });
  document.addEventListener("touchend", (event) => {
    if (!start || isOverview()) return;
    const { clientX, clientY } = event.changedTouches[0];
    const across = clientX - start[0], down = clientY - start[1];
    if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(down)) go(shown - Math.sign(across));
  });

  function isFull(body) {
    const parts = [...body.children].map((part) => part.getBoundingClientRect());
    const high = Math.max(...parts.map((p) => p.bottom)) - Math.min(...parts.map((p) => p.top));
    return high > body.getBoundingClientRect().height + 1;
  }

  /* Smaller type where a slide holds more than it has room for. */
  function fit() {
    for (const slide of slides) {
      const body = slide.querySelector(".slide-body");
      for (let size = 100; size === 100 || (isFull(body) && size >= SMALLEST); size -= 5)
        slide.style.setProperty("--fit", size / 100);
    }
  }

  for (const slide of slides)
    slide.querySelector(".slide-open").addEventListener("click", () => overview(false));
  addEventListener("hashchange", show);
  if (!document.fullscreenEnabled) bar.querySelector("[data-go='full']").hidden = true;
  bar.hidden = false;
  show();

  const AFTER_FORMULAS = 400; // ms: js/formulas.js waits for 250 before it breaks them anew
  const fitWhenSet = () => Promise.resolve(window.MathJax?.startup?.promise).then(() => {
    fit();
    root.dataset.fitted = "";
  });
  addEventListener("load", fitWhenSet);
  matchMedia("(max-width: 600px)").addEventListener( // as in css/slides.css
    "change", () => setTimeout(fitWhenSet, AFTER_FORMULAS));
})();
