/* Questions to the worker and their answers. A newer question of a kind takes an older one's place:
   the older one is answered with null, whatever the worker still makes of it. */
(function (L) {
  "use strict";

  /* worker: of the desk; trouble: told of what the worker cannot even refuse. */
  L.client = function (worker, trouble) {
    const open = new Map(), newest = new Map();  // by id; the id by kind
    let last = 0, stream = null;

    function settle(id, value, error) {
      const question = open.get(id);
      if (!question) { return; }
      open.delete(id);
      if (error) { question.reject(new Error(error)); } else { question.resolve(value); }
    }
    worker.onmessage = function ({ data }) {
      if (stream && data.id === stream.id) {
        if (data.error) { trouble(data.error); } else { stream.hear(data); }
      } else {
        settle(data.id, data, data.error);
      }
    };
    worker.onerror = (event) => trouble(event.message || "The worker stopped.");

    function post(kind, message) {
      last += 1;
      worker.postMessage({ ...message, kind, id: last });
      return last;
    }

    return {
      /* alone: no other question takes this one's place. With a new law all questions about the
         one before are answered with null, but for those that stand alone. */
      ask(kind, message = {}, alone = false) {
        if (kind === "law") { [...newest.values()].forEach((id) => settle(id, null)); }
        const id = post(kind, message), slot = `${kind} ${message.who || ""}`;
        if (!alone) {
          settle(newest.get(slot), null);
          newest.set(slot, id);
        }
        return new Promise((resolve, reject) => open.set(id, { resolve, reject }));
      },

      /* A question with many answers; the next one, or `hush`, ends it. */
      listen(kind, message, hear) { stream = { id: post(kind, message), hear }; },
      hush() { stream = null; },
    };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
