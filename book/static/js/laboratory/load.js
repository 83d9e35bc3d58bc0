/* The laboratory's scripts, asked for when a reader comes near it: until then a page is light. */
(function () {
  "use strict";
  const { src, dataset } = document.currentScript;
  const wanted = dataset.scripts.split(" ").map((name) => new URL(`../../${name}.js`, src).href);

  function load() {
    const there = new Set([...document.scripts].map((one) => one.src.split("?")[0]));
    for (const address of wanted.filter((one) => !there.has(one))) {
      const script = document.createElement("script");
      [script.async, script.src] = [false, address];  // they run in the order in which they stand
      document.head.append(script);
    }
  }

  const near = new IntersectionObserver(function (entries) {
    if (entries.some((entry) => entry.isIntersecting)) { near.disconnect(); load(); }
  }, { rootMargin: "1000px 0px" });
  document.querySelectorAll(".diffusion-laboratory").forEach((root) => near.observe(root));
})();
