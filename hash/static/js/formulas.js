/* How formulas fit their column: what MathJax's configuration, which is JSON, cannot say.
   Runs after the configuration and before MathJax.

   MathJax breaks a line that is too long wherever its own marks for good and bad places are best.
   In a displayed formula on a phone we mark the places as a writer would: each side condition on a
   line of its own, and a break before a relation or a sign between two terms, never before what
   the sign, the sum or the bracket holds. */
(function () {
  "use strict";
  if (!window.MathJax) return; // a page without formulas
  const PHONE = matchMedia("(max-width: 600px)"); // as in css/formulas.css
  const INDENT = { indentalign: "left", indentalignfirst: "left", indentshiftfirst: "0", indentshift: "1.5em" };
  const OPERATOR = 1, BINARY = 2, RELATION = 3, OPENING = 4, PUNCTUATION = 6; // TeX's classes
  const LAST = -20; // the smallest priority: after MathJax has put in marks of its own

  const mark = (node, where) => node.attributes.set("linebreak", where);
  const among = (node, ...classes) => node.isKind("mo") && classes.includes(node.texClass);

  /* A sign that belongs to the one number after it: −x at the start, or after “=” or “(”. */
  function leads(sign) {
    if (!sign.isKind("mo") || !"+-−±".includes(sign.getText())) return false;
    const before = sign.parent.childNodes[sign.parent.childIndex(sign) - 1];
    return !before || among(before, BINARY, RELATION, OPENING);
  }

  const shows = (node) => node.isToken ? node.getText() : node.childNodes.some(shows);

  function markSpace(space) {
    const em = parseFloat(space.attributes.get("width"));
    const line = space.parent.childNodes;
    if (!line.slice(0, line.indexOf(space)).some(shows)) mark(space, "nobreak"); // an indent
    else if (em >= 2) mark(space, "newline"); // \qquad: a side condition follows
    else if (em < 1) mark(space, "nobreak");
  }

  /* Columns of `aligned` come in pairs: what stands left of the sign is short and stays whole. */
  function keepLeftColumns(row) {
    if (row.childNodes.length < 2) return;
    row.childNodes.filter((cell, k) => k % 2 === 0).forEach((cell) => cell.walkTree((node) => {
      if (["mo", "mspace", "mtext"].some((kind) => node.isKind(kind))) mark(node, "nobreak");
    }));
  }

  function markBreaks(formula) {
    if (!formula.math.display || !PHONE.matches) return;
    const { root } = formula.data;
    for (const [name, value] of Object.entries(INDENT)) root.attributes.set(name, value);
    root.walkTree((node) => {
      if (node.isKind("mspace")) markSpace(node);
      else if (node.isKind("mtr")) keepLeftColumns(node);
      else if (among(node, OPERATOR, OPENING, PUNCTUATION) || leads(node)) mark(node, "nobreak");
    });
  }

  /* Lines were broken for the width the window had. */
  function breakAnewAfterResizing(page) {
    const MEASURE = 20; // MathJax's first step; without it columns keep the width they had
    let width = innerWidth, wait;
    addEventListener("resize", () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        if (innerWidth === width) return; // a phone's address bar came or went
        width = innerWidth;
        MathJax.startup.promise = MathJax.startup.promise.then(() => page.rerenderPromise(MEASURE));
      }, 250);
    });
  }

  MathJax.startup = {
    ready() {
      delete MathJax.config.options.menuOptions; // of the menu, which is not loaded: an error
      MathJax.startup.defaultReady();
      const page = MathJax.startup.document;
      page.inputJax[0].postFilters.add(markBreaks, LAST);
      breakAnewAfterResizing(page);
    }
  };
})();
