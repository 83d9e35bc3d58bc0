/* Two ways to train one network in a page: the laboratory's engine, and TensorFlow.js. */
(function (T) {
  "use strict";
  const WIDTH = 64, DEPTH = 3, BATCH = 128, RATE = 1e-3;
  const SYNCHRONOUS = 16;  // steps between two looks at the loss, as often as the engine looks
  const WARM = 300, ENOUGH = 20;  // milliseconds and steps that prepare

  function laboratory() {
    const E = DiffusionExplorer, L = DiffusionLaboratory, path = E.path(["linear"]);
    const components = [];
    for (let k = 0; k < 8; k++) {
      const angle = Math.PI * k / 4;
      components.push([1, 1.5 * Math.cos(angle), 1.5 * Math.sin(angle), 0.0225, 0, 0.0225, 0]);
    }
    const net = L.network({ width: WIDTH, depth: DEPTH, seed: 1 });
    const options = { path, row: "velocity", batch: BATCH, seed: 2 };
    return { net, trainer: L.trainer(net, L.law(components), options) };
  }

  /* The engine as the laboratory runs it: every step draws its own batch and averages the weights,
     every so many-th is compared with the exact answer, too. */
  T.ours = function () {
    const { trainer } = laboratory();
    return async function (milliseconds) {
      const began = performance.now(), { step } = trainer.run(0);
      return (trainer.run(milliseconds).step - step) / (performance.now() - began) * 1000;
    };
  };

  /* What the engine's network is told of one batch, its first weights, and what they should say. */
  function given() {
    const { net, trainer } = laboratory(), { machine } = net, batch = trainer.batches.next();
    const inputs = machine.sizes[0], told = new Float32Array(BATCH * inputs);
    for (let start = 0; start < BATCH; start += machine.BLOCK) {
      for (let r = 0, i = start; r < machine.BLOCK; r++, i++) {
        net.tell(r, batch.x[2 * i], batch.x[2 * i + 1], batch.t[i], -1);
      }
      told.set(machine.input, start * inputs);
    }
    const layers = machine.layers.map(function ({ I, O, weights, bias }, k) {
      const used = k === machine.layers.length - 1 ? 2 : O, W = [];
      for (let i = 0; i < I; i++) {
        W.push(...machine.numbers.subarray(weights / 4 + i * O, weights / 4 + i * O + used));
      }
      return { I, O: used, W, b: Array.from(machine.numbers.subarray(bias / 4, bias / 4 + used)) };
    });
    return { net, trainer, batch, told, inputs, layers };
  }

  function rival({ told, inputs, layers, batch }) {
    const x = tf.tensor2d(told, [BATCH, inputs]);
    const wanted = tf.tensor2d(Float32Array.from(batch.wanted), [BATCH, 2]);
    const weights = layers.map(({ I, O, W, b }) => [tf.variable(tf.tensor2d(W, [I, O])),
                                                    tf.variable(tf.tensor1d(b))]);
    const optimizer = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
    function loss() {
      let h = x;
      weights.forEach(function ([W, b], k) {
        h = tf.add(tf.matMul(h, W), b);
        if (k < weights.length - 1) { h = tf.mul(h, tf.sigmoid(h)); }
      });
      return tf.mean(tf.square(tf.sub(h, wanted)));
    }
    return { loss, step: (keep) => optimizer.minimize(loss, keep, weights.flat()) };
  }

  /* TensorFlow.js: the same network from the same weights, always on the same batch, which lies
     ready. */
  T.theirs = async function (backend, threads) {
    if (backend === "wasm") {
      tf.wasm.setWasmPaths("./");
      if (threads) { tf.wasm.setThreadsCount(threads); }
      tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", threads > 1);
    }
    if (!await tf.setBackend(backend)) { return null; }
    const { step } = rival(given());
    async function some() {
      for (let k = 1; k < SYNCHRONOUS; k++) { step(false); }
      const loss = step(true);
      await loss.data();
      loss.dispose();
      return SYNCHRONOUS;
    }
    return async function (milliseconds) {
      const began = performance.now();
      let steps = 0;
      do { steps += await some(); } while (performance.now() - began < milliseconds);
      return steps / (performance.now() - began) * 1000;
    };
  };

  /* Losses of both on one batch, before and after some steps of Adam from the same weights. */
  T.same = async function () {
    const all = given(), { trainer, net, batch } = all, theirs = rival(all), found = [];
    for (let k = 0; k < ENOUGH; k++) {
      const loss = theirs.step(true), ours = trainer.gradient(batch);
      net.machine.adam({ rate: RATE });
      found.push([ours, (await loss.data())[0]]);
      loss.dispose();
    }
    return found;
  };

  /* Get ready: `T.run(milliseconds)` → steps a second. False where there is no such backend. */
  T.prepare = async function (name, threads) {
    T.run = name === "ours" ? T.ours() : await T.theirs(name, threads);
    if (T.run) { await T.run(WARM); }
    return Boolean(T.run);
  };
})(globalThis.TrainingSpeed = {});
