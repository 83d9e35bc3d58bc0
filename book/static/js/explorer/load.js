/* The networks that a page asks for, loaded when they are needed. */
(function (E) {
  "use strict";
  const FOLDER = new URL("../../explorer/", document.currentScript.src);

  /* The networks of a data set, a script of their own that is asked for once. */
  E.load = function (name) {
    const waiting = E.load.waiting = E.load.waiting || {};
    waiting[name] = waiting[name] || new Promise(function (resolve, reject) {
      if (E.data[name]) { resolve(); return; }
      const script = document.createElement("script");
      script.src = new URL(`${name}.js`, FOLDER);
      script.onload = resolve;
      script.onerror = () => { delete waiting[name]; reject(new Error(script.src)); };
      document.head.append(script);
    });
    return waiting[name];
  };
})(globalThis.DiffusionExplorer = globalThis.DiffusionExplorer || {});
