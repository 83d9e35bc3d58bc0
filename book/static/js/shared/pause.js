/* A long computation that lets the page answer meanwhile. */
DiffusionPart("DiffusionShared", function (shared) {
  "use strict";

  /* Let the page do what waits: a message comes sooner than a timeout. */
  shared.pause = function () {
    return new Promise(function (resolve) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { port1.close(); resolve(); };
      port2.postMessage(0);
    });
  };
});
