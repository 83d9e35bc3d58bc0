/* Light or dark as the reader chose on the site, before anything is drawn. A page of slides has no
   theme to do it. */
(function () {
  "use strict";
  const root = document.documentElement;
  const kept = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const theme = kept("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.mode = kept("mode") || "auto";
  root.dataset.theme = theme === "light" || theme === "dark" ? theme : dark ? "dark" : "light";
  root.classList.add("slides-run"); // one at a time; without scripts they follow each other
})();
