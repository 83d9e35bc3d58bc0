/* Runs before the theme's deferred scripts.
   Until those run, a reader without a choice has a page that is neither light nor dark, with both
   logos: say at once which it is, so that nothing jumps.
   The theme's Font Awesome would also replace the icons inside live widgets, which then throw and
   stop every widget that is linked to them: let it touch only what is in the page at load.
   The widget manager typesets labels through MathJax 2's queue: give it MathJax 4. */
if (document.documentElement.dataset.theme === "auto") {
  document.documentElement.dataset.theme =
    window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
window.FontAwesomeConfig = { observeMutations: false };
document.addEventListener("DOMContentLoaded", function () {
  if (window.MathJax && !window.MathJax.Hub) {
    window.MathJax.Hub = {
      Queue: function (call) {
        if (window.MathJax.typesetPromise && call && call[2]) {
          window.MathJax.typesetPromise([call[2]]);
        }
      }
    };
  }
});
