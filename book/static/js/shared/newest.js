/* What is computed slower than a hand moves: only the newest wish counts. */
(function (shared) {
  "use strict";

  /* A function to call for each wish. It does `follow` at once, and `compute` for the newest wish as
     soon as the computation before has ended. `compute` gets a function that says whether there is
     a newer wish, and answers false where it was left half way; the others are counted on the
     part's element. */
  shared.newest = function (root, follow, compute) {
    let computed = 0, wanted = false, computing = false;
    return async function () {
      follow();
      wanted = true;
      if (computing) { return; }
      computing = true;
      while (wanted) {
        wanted = false;
        if (await compute(() => wanted) !== false) { root.dataset.computed = ++computed; }
      }
      computing = false;
    };
  };
})(globalThis.DiffusionShared = globalThis.DiffusionShared || {});
