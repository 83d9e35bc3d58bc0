/* Bring the network and what runs it into the page: two downloads, then a worker of its own, so
   that the page keeps answering while the network thinks. */
(function (D) {
  "use strict";
  const STATIC = new URL("../../", document.currentScript.src);
  const VENDOR = new URL("vendor/onnxruntime/", STATIC);
  D.runtime = { file: "ort-wasm-simd-threaded.wasm.gz", bytes: 3659927,
                script: "ort.wasm.bundle.min.mjs", scriptBytes: 73054 };

  /* All that a click loads, in bytes. */
  D.size = () => D.runtime.bytes + D.runtime.scriptBytes + D.model.bytes;

  /* Why it cannot be loaded here, in words; null if it can. */
  D.obstacle = function () {
    if (location.protocol === "file:") {
      return "This page was opened from a file, and from there a browser does not start the model. "
        + "Open it from a server: run \u201cmake serve\u201d in the book\u2019s folder and go to "
        + "http://localhost:8000, or read the book online.";
    }
    if (!globalThis.WebAssembly || !globalThis.DecompressionStream || !globalThis.Worker) {
      return "This browser cannot run the model: it takes one from the middle of 2023 or later.";
    }
    return null;
  };

  async function fetched(address, bytes, progress) {
    let response;
    try {
      response = await fetch(address);
    } catch {
      throw new Error(`${address} could not be reached. Are you online? Then try again.`);
    }
    if (!response.ok) {
      throw new Error(`${address} is not there (status ${response.status}). If this is your own copy `
        + "of the book, build it again: make book.");
    }
    const parts = [], reader = response.body.getReader();
    let count = 0;
    for (;;) {
      let part;
      try {
        part = await reader.read();
      } catch {
        throw new Error(`The connection was lost while ${address} was loading. Try again.`);
      }
      if (part.done) { break; }
      parts.push(part.value);
      count += part.value.length;
      progress(Math.min(bytes, count));
    }
    return new Blob(parts);
  }

  /* gzip's two first bytes; a server may have unpacked the file on the way. */
  async function unpacked(blob) {
    const [a, b] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
    if (a !== 0x1f || b !== 0x8b) { return blob.arrayBuffer(); }
    return new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  /* A function that sends a task to the worker and resolves to its answer; tasks wait in line. */
  function employ() {
    const worker = new Worker(new URL("js/digit/worker.js", STATIC), { type: "module" });
    const line = [];
    worker.onmessage = function ({ data }) {
      const { resolve, reject } = line.shift();
      if ("error" in data) { reject(new Error(data.error)); } else { resolve(data.answer); }
    };
    worker.onerror = function (event) {
      event.preventDefault();
      const why = event.message || "its script could not be loaded";
      for (const { reject } of line.splice(0)) { reject(new Error(`The model stopped: ${why}.`)); }
    };
    const ask = (task, fields, moved = []) => new Promise(function (resolve, reject) {
      line.push({ resolve, reject });
      worker.postMessage({ task, ...fields }, moved);
    });
    return { ask, dismiss: () => worker.terminate() };
  }

  /* Resolves to look(x, t, labels); progress(bytes) is called as they arrive. */
  D.load = async function (progress) {
    const loaded = [0, 0], tell = (k) => (bytes) => { loaded[k] = bytes; progress(loaded[0] + loaded[1]); };
    const [runtime, model] = await Promise.all([
      fetched(new URL(D.runtime.file, VENDOR), D.runtime.bytes, tell(0)).then(unpacked),
      fetched(new URL(`digit/${D.model.file}`, STATIC), D.model.bytes, tell(1)).then((blob) => blob.arrayBuffer()),
    ]);
    if (model.byteLength !== D.model.bytes) {
      throw new Error(`The model has ${model.byteLength} bytes and not ${D.model.bytes}: an older copy, or `
        + "one cut short. Reload the page without the browser\u2019s cache.");
    }
    const worker = employ();
    try {
      await worker.ask("load", { runtime, model }, [runtime, model]);
    } catch (error) {
      worker.dismiss();
      throw error;
    }
    return (x, t, labels) => worker.ask("look", { x: Float32Array.from(x), t, labels });
  };
})(globalThis.DigitInPage = globalThis.DigitInPage || {});
