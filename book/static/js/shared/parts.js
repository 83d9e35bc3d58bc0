/* Scripts that the page and its worker both run. A page that was opened from a file may load no
   script into a worker; so a worker is made of the text of functions that the page has already. */
(function () {
  "use strict";
  const parts = [];

  /* Run `part` here, called with the namespace of that name, and keep it for workers. */
  const part = globalThis.DiffusionPart = function (namespace, part) {
    parts.push([namespace, part]);
    part(globalThis[namespace] = globalThis[namespace] || {});
  };

  /* A worker that knows all parts that this page had loaded by now, each under its namespace. */
  part.worker = function () {
    const prelude = "globalThis.DiffusionPart = (name, part) => "
      + "part(globalThis[name] = globalThis[name] || {});\n";
    const text = parts.map(([name, part]) => `DiffusionPart(${JSON.stringify(name)}, ${part});\n`);
    const address = URL.createObjectURL(new Blob([prelude, ...text], { type: "text/javascript" }));
    const worker = new Worker(address);
    URL.revokeObjectURL(address);
    return worker;
  };
})();
