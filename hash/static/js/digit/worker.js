/* The network in a thread of its own. One thread alone, for more would take headers that a plain
   web server does not send. Tasks are done in the order in which they come. */
import * as ort from "../../vendor/onnxruntime/ort.wasm.bundle.min.mjs";

const PIXELS = 28 * 28;
let session = null, last = Promise.resolve();

const tasks = {
  async load({ runtime, model }) {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmBinary = runtime;
    session = await ort.InferenceSession.create(new Uint8Array(model));
    await tasks.look({ x: new Float32Array(PIXELS), t: 0.5, labels: [0, -1] });  // the first is slow
  },

  /* One picture, told each of these labels; -1 is none. */
  async look({ x, t, labels }) {
    const n = labels.length, pictures = new Float32Array(n * PIXELS);
    labels.forEach((_, k) => pictures.set(x, k * PIXELS));
    const { answer } = await session.run({
      x: new ort.Tensor("float32", pictures, [n, 1, 28, 28]),
      t: new ort.Tensor("float32", new Float32Array(n).fill(t), [n]),
      y: new ort.Tensor("int64", BigInt64Array.from(labels, BigInt), [n]),
    });
    return answer.data;
  },
};

onmessage = function ({ data }) {
  last = last.then(async function () {
    try {
      postMessage({ answer: await tasks[data.task](data) });
    } catch (error) {
      postMessage({ error: error.message || String(error) });
    }
  });
};
